"""`python -m benchmarks.year`: a year of hourly lists in a store, what it takes, and how fast it answers.

Tables on stdout, words on stderr. Exit codes as of `benchmarks.run`.
"""

import argparse
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks import machine, peers, proc, report, start, subject, year_stores
from benchmarks.cores import Cores, choose
from benchmarks.errors import BenchmarkError, ToolMissingError
from benchmarks.server import Recipe, first_200, running
from benchmarks.year_figures import YEAR_HOURS, Figures, Served
from benchmarks.year_fill import Filled, fill
from benchmarks.year_lists import hourly_lists
from benchmarks.year_made import made_series
from benchmarks.year_questions import answered
from benchmarks.year_report import document
from benchmarks.year_series import Listing, enlarged, real_series, windowed
from benchmarks.year_size import StoreSize, postgresql_size, sqlite_size
from benchmarks.year_tables import tables

BEGIN = datetime(2025, 10, 27, 0, 7, tzinfo=UTC)
MODELS = 690
"""As in October 2026, with every modality."""
RETENTION_DAYS = 30
QUESTIONS = 200
STARTS = 3
DATABASES = ("sqlite", "postgresql")
DOCUMENT = peers.ROOT / "docs" / "benchmarks-memory.md"
FILLED = "filled.json"
"""Beside a store that is kept: what went into it."""
WORDS = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    given = _parser().parse_args(arguments)
    # Ended from outside, the run still stops its servers.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    cores = choose()
    try:
        machine.require_linux()
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llmanac-year-")))
            figures = _measured(given, scratch, cores)
    except BenchmarkError as error:
        WORDS.print(f"{error}", markup=False)
        return error.exit_code
    made = tables(figures)
    report.show(made, Console(width=None if sys.stdout.isatty() else 160))
    if given.write:
        page = document(
            figures,
            made,
            windowed=len(windowed()),
            arenas_per_day=given.arenas_per_day,
            command=_command(given),
            pinning=cores.note,
        )
        DOCUMENT.write_text(page, encoding="utf-8")
    return 0


def _command(given: argparse.Namespace) -> str:
    """The command as the page names it."""
    parts = ["python -m benchmarks.year --write"]
    parts += [f"--hours {given.hours}"] if given.hours != YEAR_HOURS else []
    parts += [f"--database {given.database}"] if given.database else []
    parts += [f"--arenas-per-day {given.arenas_per_day}"] if given.arenas_per_day else []
    parts += ["--made-up"] if given.made_up else []
    return " ".join(parts)


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.year", description="A year of hourly lists: how large, how fast."
    )
    made.add_argument("--hours", type=int, default=YEAR_HOURS, metavar="N", help=f"lists to save ({YEAR_HOURS})")
    made.add_argument("--database", choices=DATABASES, help="ask only this one (both, where PostgreSQL is)")
    made.add_argument(
        "--arenas-per-day", type=int, default=0, choices=(0, 1, 2, 3, 4, 6, 8, 12, 24), help="see the page (0)"
    )
    made.add_argument("--made-up", action="store_true", help="made-up lists, even where the real ones are")
    made.add_argument(
        "--store", type=Path, metavar="FOLDER", help="keep the store there; one that is there already is measured"
    )
    made.add_argument("--llmanac", metavar="PROGRAM", help="the llmanac to ask (the one beside this Python)")
    made.add_argument("--write", action="store_true", help=f"write docs/{DOCUMENT.name}")
    return made


def _measured(given: argparse.Namespace, scratch: Path, cores: Cores) -> Figures:
    wants_postgresql = given.database == "postgresql" or (given.database is None and year_stores.has_postgresql())
    if wants_postgresql and not year_stores.has_postgresql():
        raise ToolMissingError("PostgreSQL does not answer; LLMANAC_TEST_POSTGRES names another")
    real = [] if given.made_up else real_series()
    series = enlarged(real or made_series(), MODELS)
    folder: Path = given.store or scratch / "year"
    figures = Figures(bool(real), len(series), _filled(folder, series, given))
    sqlite = sqlite_size(folder / year_stores.FILE)
    if given.database != "postgresql":
        figures.served["SQLite"] = _served(figures.filled, folder, sqlite, None, given, cores)
    if wants_postgresql:
        with year_stores.postgresql() as url:
            WORDS.print("moving to PostgreSQL ...")
            figures.move_s = year_stores.moved(folder, url)
            size = postgresql_size(url)
            served = _served(figures.filled, folder, size, year_stores.for_llmanac(url), given, cores)
            figures.served["PostgreSQL"] = served
    WORDS.print("starts and thinning ...")
    figures.start_empty = _start_empty(scratch / "one", series, given, cores)
    assert figures.filled.end is not None, "at least one list was saved"
    figures.thinned = year_stores.thinned(folder, scratch / "thinned", figures.filled.end, RETENTION_DAYS)
    return figures


def _filled(folder: Path, series: Sequence[Listing], given: argparse.Namespace) -> Filled:
    """The store in the folder, filled now unless it is there."""
    known = folder / FILLED
    if known.exists():
        return msgspec.json.decode(known.read_bytes(), type=Filled)
    folder.mkdir(parents=True, exist_ok=True)
    lists = hourly_lists(series, windowed(), begin=BEGIN, hours=given.hours, arenas_per_day=given.arenas_per_day)
    filled = fill(folder, lists, WORDS.print)
    known.write_bytes(msgspec.json.encode(filled))
    return filled


def _served(
    filled: Filled, folder: Path, size: StoreSize, url: str | None, given: argparse.Namespace, cores: Cores
) -> Served:
    recipe = _recipe(folder, filled, url, given)
    WORDS.print(f"questions to {'SQLite' if url is None else 'PostgreSQL'} ...")
    with running(recipe, cores.server) as server:
        first_200(server)
        subject.idle(server)
        at_start = proc.memory(server.process.pid)
        found = answered(server, filled, count=QUESTIONS, cores=cores, told=WORDS.print)
        at_end = proc.memory(server.process.pid)
    return Served(size, found, at_start, at_end, start.measure(recipe, STARTS, cores))


def _start_empty(folder: Path, series: Sequence[Listing], given: argparse.Namespace, cores: Cores) -> start.StartTime:
    filled = fill(folder, hourly_lists(series, windowed(), begin=BEGIN, hours=1), WORDS.print)
    return start.measure(_recipe(folder, filled, None, given), STARTS, cores)


def _recipe(folder: Path, filled: Filled, url: str | None, given: argparse.Namespace) -> Recipe:
    token = secrets.token_urlsafe(24)
    return year_stores.recipe(folder, token, filled.base_url, database_url=url, program=given.llmanac)


if __name__ == "__main__":
    sys.exit(main())
