"""Bringing a database to the schema of this code, under a lock; and refusing one that is newer."""

from importlib import resources

from sqlalchemy import Connection, inspect, text

from llmanac import __version__
from llmanac.errors import SchemaTooNew
from llmanac.store.database import Database

SCHEMA_VERSION = "0002"
"""The newest migration in `migrations/versions`; a test holds the two together."""


def schema_version(connection: Connection) -> str | None:
    """The version a database is at; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def migrate(database: Database) -> bool:
    """Make the schema what this code needs; whether anything had to be done.

    Only one process at a time does it; the others wait and find it done.

    Raises:
        SchemaTooNew: A newer llmanac wrote this database.
        StoreUnreachable: It cannot be opened.
    """
    with database.read() as connection:
        if is_current(connection):
            return False
    with database.write() as connection:
        if is_current(connection):
            return False
        upgrade(connection)
    return True


def is_current(connection: Connection) -> bool:
    """Whether a database has the schema of this code.

    Raises:
        SchemaTooNew: A newer llmanac wrote it.
    """
    version = schema_version(connection)
    if version is not None and version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"The database has schema {version}; llmanac {__version__} knows schemas up to {SCHEMA_VERSION}",
            hint="Start the newer llmanac that wrote it, or restore a backup made before the upgrade.",
        )
    return version == SCHEMA_VERSION


def upgrade(connection: Connection) -> None:
    """Bring an older or empty database to the schema of this code, inside the caller's writing transaction."""
    # Alembic is slow to import (a quarter of a second) and hardly ever needed: most starts find the schema current.
    from alembic import command  # noqa: PLC0415  see above
    from alembic.config import Config  # noqa: PLC0415  see above

    config = Config()
    config.set_main_option("script_location", str(resources.files("llmanac.store").joinpath("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
