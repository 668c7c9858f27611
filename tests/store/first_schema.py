"""A store as the first schema's code made it: its tables by the first migration, its rows as that code wrote them."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from importlib import resources

import msgspec
import zstandard
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, func, insert, select, update

from llmanac.catalogue.record import normal_form
from llmanac.store.database import Database


def make_first_schema(database: Database) -> None:
    """Migrate an empty database to schema 0001 and no further."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("llmanac.store").joinpath("migrations")))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


def instant(value: datetime) -> str:
    """As the store writes it."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class FirstStore:
    """Writes rows as llmanac did with schema 0001."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables = MetaData()
        self._tables.reflect(connection)

    def table(self, name: str) -> Table:
        """A table as the database has it."""
        return self._tables.tables[name]

    def insert(self, name: str, *rows: dict[str, object]) -> None:
        """Plain rows."""
        self._connection.execute(insert(self.table(name)), [*rows])

    def open_series(self, base_url: str, scope: str = "all") -> int:
        """A new series; its id."""
        table = self.table("series")
        row = {"source": "openrouter", "base_url": base_url, "scope": scope, "validators": "[]", "failures": 0}
        return int(self._connection.execute(insert(table).returning(table.c.id), [row]).scalar_one())

    def save(
        self,
        series_id: int,
        taken_at: datetime,
        records: Sequence[bytes],
        *,
        pages: Sequence[bytes] = (),
        rejects: Sequence[bytes] = (),
        warning: str | None = None,
    ) -> int:
        """Save a list under the next Serial, with a change for it; the Serial."""
        serial = self._next("snapshot", "serial")
        snapshot = {
            "serial": serial,
            "series_id": series_id,
            "origin": "fetched",
            "taken_at": instant(taken_at),
            "saved_at": instant(taken_at),
            "digest": sha256(b"".join(records)).hexdigest(),
            "model_count": len(records),
            "versions": b"",
            "warning": warning,
        }
        self.insert("snapshot", snapshot)
        order = _compress(msgspec.json.encode(self._write_versions(series_id, serial, records)))
        table = self.table("snapshot")
        self._connection.execute(update(table).where(table.c.serial == serial).values(versions=order))
        for position, body in enumerate(pages):
            page = {
                "serial": serial,
                "part": "models",
                "position": position,
                "url": f"{position}",
                "body": _compress(body),
            }
            self.insert("raw_page", page)
        for position, raw in enumerate(rejects):
            self.insert("reject", {"serial": serial, "position": position, "path": "$", "reason": "no id", "raw": raw})
        change = {"model": "acme/owl", "kind": "changed", "field": "name", "before": '"a"', "after": '"b"'}
        self.insert("change", {"serial": serial, "position": 0, **change})
        self.agree(series_id, serial, taken_at)
        return serial

    def agree(self, series_id: int, serial: int, agreed_at: datetime) -> None:
        """Upstream has the list of this Serial."""
        table = self.table("series")
        values = {"serial": serial, "agreed_at": instant(agreed_at)}
        self._connection.execute(update(table).where(table.c.id == series_id).values(values))

    def _write_versions(self, series_id: int, serial: int, records: Sequence[bytes]) -> list[int]:
        """Versions that are over end, new ones begin; the ids of the list's, in its order."""
        table = self.table("model_version")
        digests = {_model(record): sha256(normal_form(record)).digest() for record in records}
        in_force = (table.c.series_id == series_id) & table.c.until_serial.is_(None)
        current = self._connection.execute(select(table).where(in_force)).all()
        kept = {row.model: row.id for row in current if digests.get(row.model) == bytes(row.digest)}
        for row in current:
            if row.model not in kept:
                self._connection.execute(update(table).where(table.c.id == row.id).values(until_serial=serial))
        for record in records:
            model = _model(record)
            if model in kept:
                continue
            kept[model] = self._next("model_version", "id")
            values = {"series_id": series_id, "model": model, "from_serial": serial, "record": record}
            self.insert("model_version", {"id": kept[model], "digest": digests[model], **values})
        return [kept[_model(record)] for record in records]

    def _next(self, name: str, column: str) -> int:
        highest = self._connection.execute(select(func.max(self.table(name).c[column]))).scalar_one()
        return int(highest or 0) + 1


def _model(record: bytes) -> str:
    return str(msgspec.json.decode(record)["id"])


def _compress(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=9).compress(body)
