"""The local store, for commands that read it without a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmanac.logs import configure_logs, configure_logs_when_needed
from llmanac.settings import Settings, secret_values
from llmanac.settings_sources import read_settings

if TYPE_CHECKING:
    from llmanac.answers.context import AnswerContext
    from llmanac.store.store import Store


def local_settings() -> Settings:
    """The settings in force, with logs set up for a command: only errors."""
    settings = read_settings().settings
    configure_logs_when_needed(settings.log_format, "error", secret_values(settings))
    return settings


def log_errors(settings: Settings) -> None:
    """For commands that fetch: what fetches logs otherwise than by the standard library."""
    configure_logs(settings.log_format, "error", secret_values(settings))


@contextmanager
def local_store() -> Iterator["tuple[Settings, Store]"]:
    """The store of the settings in force."""
    from llmanac.assemble import open_store  # noqa: PLC0415  slow

    settings = local_settings()
    store = open_store(settings)
    try:
        yield settings, store
    finally:
        store.close()


@contextmanager
def local_answers() -> Iterator["AnswerContext"]:
    """What a server of these settings would answer from, without one running."""
    from llmanac.assemble import make_context, make_current  # noqa: PLC0415  slow

    with local_store() as (settings, store):
        yield make_context(settings, store, make_current(settings, store, lambda _: None))
