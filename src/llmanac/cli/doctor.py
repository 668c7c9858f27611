"""`llmanac doctor`: what stands in the way of a working server."""

import errno
import socket
from collections.abc import Callable, Sequence
from enum import StrEnum

import msgspec
import typer

from llmanac.cli.output import Format, FormatOption, write_rows
from llmanac.errors import LlmanacError
from llmanac.settings import Settings
from llmanac.settings_sources import SettingsInForce, read_settings


class Finding(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Check(msgspec.Struct, frozen=True):
    """One thing looked at."""

    check: str
    finding: Finding
    detail: str


def doctor(output: FormatOption = Format.TABLE) -> None:
    """Check settings, store, bundle, port and upstream. Exit 1 if there is a problem."""
    in_force = read_settings()
    checks = [
        _settings(in_force),
        *(
            _attempt(name, look, in_force.settings)
            for name, look in (("store", _store), ("bundle", _bundle), ("port", _port), ("upstream", _upstream))
        ),
    ]
    write_rows([msgspec.structs.asdict(check) for check in checks], ("check", "finding", "detail"), output)
    raise typer.Exit(int(any(check.finding is Finding.PROBLEM for check in checks)))


def _attempt(name: str, look: Callable[[Settings], Check], settings: Settings) -> Check:
    try:
        return look(settings)
    except LlmanacError as problem:
        return Check(name, Finding.PROBLEM, f"{problem.message} {problem.hint}".strip())


def _settings(in_force: SettingsInForce) -> Check:
    if in_force.unknown:
        return Check("settings", Finding.PROBLEM, f"no such settings: {', '.join(in_force.unknown)}")
    changed = sum(origin != "default" for origin in in_force.set_by.values())
    return Check("settings", Finding.OK, f"{changed} set, the others at their defaults")


def _store(settings: Settings) -> Check:
    from llmanac.access.gate import is_expired  # noqa: PLC0415  slow
    from llmanac.assemble import open_store  # noqa: PLC0415  as above
    from llmanac.clock import now  # noqa: PLC0415  as above
    from llmanac.settings import series_key  # noqa: PLC0415  as above
    from llmanac.store.migrate import SCHEMA_VERSION  # noqa: PLC0415  slow

    store = open_store(settings)
    try:
        state = store.open_series(series_key(settings))
        tokens = store.tokens()
    finally:
        store.close()
    good = [row for row in tokens if row.revoked_at is None and not is_expired(row, now())]
    detail = f"{store.shown_url}, schema {SCHEMA_VERSION}, serial {state.serial or 0}, {_counted(good)}"
    if not tokens and settings.token is None:
        return Check("store", Finding.NOTE, f"{detail}; the first `llmanac serve` mints one")
    if not good and settings.token is None:
        # A token is minted only where there never was one.
        return Check("store", Finding.PROBLEM, f"{detail}: nobody can ask; `llmanac token create` makes one")
    return Check("store", Finding.OK, detail)


def _counted(good: Sequence[object]) -> str:
    return f"{len(good)} good token{'' if len(good) == 1 else 's'}"


def _bundle(settings: Settings) -> Check:
    from llmanac.sync.load import bundled_catalogue  # noqa: PLC0415  slow

    catalogue = bundled_catalogue()
    if catalogue is None:
        finding = Finding.PROBLEM if settings.bundle else Finding.NOTE
        return Check("bundle", finding, "missing or damaged: this package was built without it")
    counts = f"{len(catalogue.text)} text and {len(catalogue.image)} image models"
    return Check("bundle", Finding.OK, f"{catalogue.changed_at.date().isoformat()}, {counts}")


def _port(settings: Settings) -> Check:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as problem:
        detail = f"{settings.host} port {settings.port}: {problem.strerror}"
        if problem.errno == errno.EADDRINUSE:
            return Check("port", Finding.NOTE, f"{detail}; it may be a running llmanac")
        return Check("port", Finding.PROBLEM, detail)
    return Check("port", Finding.OK, f"{settings.host} port {settings.port} is free")


def _upstream(settings: Settings) -> Check:
    from llmanac.assemble_sync import fetch_options  # noqa: PLC0415  slow
    from llmanac.clock import now  # noqa: PLC0415  as above
    from llmanac.upstream.decode import decode  # noqa: PLC0415  as above
    from llmanac.upstream.openrouter import Fetched, fetch  # noqa: PLC0415  as above
    from llmanac.upstream.split import NotAList  # noqa: PLC0415  as above

    if settings.offline:
        return Check("upstream", Finding.NOTE, "never called: LLMANAC_OFFLINE is set")
    fetched = fetch(msgspec.structs.replace(fetch_options(settings), max_retries=0), now)
    assert isinstance(fetched, Fetched), "without validators upstream cannot say that nothing changed"
    taken = decode(fetched.pages, source="openrouter", taken_at=fetched.taken_at)
    if isinstance(taken, NotAList):
        return Check("upstream", Finding.PROBLEM, taken.detail)
    detail = f"{settings.openrouter_base_url}: {len(taken.models)} models, {len(taken.rejects)} rejects"
    if not taken.models:
        return Check("upstream", Finding.PROBLEM, detail)
    return Check("upstream", Finding.OK, detail)
