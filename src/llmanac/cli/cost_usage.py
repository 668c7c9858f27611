"""`llmanac cost --usage`: files of calls → what they cost, read once and forwards, in bounded memory."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from llmanac.cli.money import dollars
from llmanac.cli.output import Format, say, write_json, write_rows
from llmanac.errors import InvalidParameter, Unavailable
from llmanac.query.read import read_moment
from llmanac.usage.columns import read_columns
from llmanac.usage.instants import us_of
from llmanac.usage.ledger import Ledger, Period, Prices
from llmanac.usage.names import taken_for
from llmanac.usage.opened import pieces_of
from llmanac.usage.reading import How, read_calls
from llmanac.usage.repeats import Repeats
from llmanac.usage.report import BadLines, UsageReport, UsageRow, make_report

_STANDARD_INPUT = Path("-")
_MODEL = "model"
_MAX_SAID = 20
_MAX_TAKEN = 8
"""Names that are told on one line."""
_NUMBERS = (
    "calls", "prompt tokens", "cached tokens", "completion tokens", "total", "known total", "stated", "difference",
)  # fmt: skip


_MAY_GO = ("cached tokens", "prompt tokens", "completion tokens", "stated")


class Asked(msgspec.Struct, frozen=True):
    """What is asked of the files."""

    files: tuple[Path, ...]
    by: str
    columns: str
    at: str | None
    as_of: str | None
    excludes: bool
    nearest: bool


def price_usage(asked: Asked, output: Format) -> None:
    """Read, price and report. Exits with 1 where the total is not whole."""
    by_model, period = _parted(asked.by)
    how = How(
        at_us=None if asked.at is None else _instant_us(asked.at),
        columns=read_columns(asked.columns),
        apart=True if asked.excludes else None,
    )
    from llmanac.clock import now  # noqa: PLC0415  slow

    with _prices(asked) as prices:
        ledger = Ledger(prices, period)
        bad = BadLines()
        _read(asked.files, how, ledger, bad)
        report = make_report(ledger, bad, by_model=by_model, now=now())
    _write(report, output)
    if not report.whole:
        raise typer.Exit(1)


def _parted(by: str) -> tuple[bool, Period | None]:
    words = [word.strip() for word in by.split(",") if word.strip()]
    periods = [word for word in words if word in list(Period)]
    unknown = [word for word in words if word not in (_MODEL, *Period)]
    if unknown or len(periods) > 1 or not words:
        allowed = ", ".join(Period)
        raise InvalidParameter(f"--by: Expected model, one of {allowed}, or both with a comma, got {by[:60]!r}")
    return _MODEL in words, Period(periods[0]) if periods else None


def _instant_us(text: str) -> int:
    try:
        found = read_moment(text)
    except ValueError:
        found = None
    if not isinstance(found, datetime):
        raise InvalidParameter(f"--at: Expected an instant such as 2026-10-26T12:00:00Z, got {text[:40]!r}")
    return us_of(found)


@contextmanager
def _prices(asked: Asked) -> Iterator[Prices]:
    """Those in force at each call; with `--as-of` those of one list."""
    if asked.as_of is not None:
        yield _prices_then(asked.as_of)
        return
    from llmanac.answers.unknown_model import near_ids  # noqa: PLC0415  as above
    from llmanac.assemble import make_current  # noqa: PLC0415  slow
    from llmanac.cli.local import local_store  # noqa: PLC0415  as above
    from llmanac.usage.prices import remembered_prices  # noqa: PLC0415  as above

    with local_store() as (settings, store):
        held = make_current(settings, store, lambda _: None).held
        if held.catalogue is None:
            raise Unavailable("There is no list yet, so there are no prices", hint="llmanac sync gets one.")
        yield remembered_prices(store, held.state.id, held.catalogue, near_ids, nearest=asked.nearest)


def _prices_then(as_of: str) -> Prices:
    from llmanac.answers.unknown_model import near_ids  # noqa: PLC0415  as above
    from llmanac.cli.local import local_answers  # noqa: PLC0415  slow
    from llmanac.usage.prices import single_list_prices  # noqa: PLC0415  as above

    try:
        moment = read_moment(as_of)
    except ValueError as expected:
        raise InvalidParameter(f"as_of: Expected {expected}, got {as_of[:40]!r}") from None
    with local_answers() as context:
        rows = context.lists.index(context.lists.find(moment)).rows
        return single_list_prices([row.model for row in rows], near_ids)


def _read(files: tuple[Path, ...], how: How, ledger: Ledger, bad: BadLines) -> None:
    repeats = Repeats()
    with _progress(files) as (bar, task):
        for path in files:
            name = "standard input" if path == _STANDARD_INPUT else str(path)
            with _opened(path) as file:
                pieces = pieces_of(file, name, lambda size: bar.advance(task, size))
                for batch in read_calls(pieces, name, how, bar.console.print):
                    ledger.add(repeats.once(batch.calls))
                    bad.add(batch.bad)
                    bad.notes.add(batch.notes)
    ledger.add(repeats.rest())
    bad.repeated = repeats.passed


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with ExitStack() as stack:
        try:
            file = sys.stdin.buffer if path == _STANDARD_INPUT else stack.enter_context(path.open("rb"))
        except OSError as problem:
            raise InvalidParameter(f"--usage: {path} cannot be read: {problem.strerror}") from None
        yield file


@contextmanager
def _progress(files: tuple[Path, ...]) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on a terminal, nothing elsewhere; words go to stderr either way."""
    console = Console(file=sys.stderr, highlight=False, markup=False, soft_wrap=True)
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn())
    known = [path.stat().st_size for path in files if path.is_file()]
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        yield bar, bar.add_task("", total=sum(known) if len(known) == len(files) else None)


def _write(report: UsageReport, output: Format) -> None:
    if output is Format.JSON:
        write_json(report)
        return
    exact = output is Format.CSV
    rows = [_row(row, exact=exact) for row in report.rows]
    if not exact:
        rows.append(_row(report.sum, exact=False) | {"model": "all"})
    columns = ["model"] if any(row.model for row in report.rows) or not exact else []
    columns += ["period"] if any(row.period for row in report.rows) else []
    columns += ["calls", "prompt tokens", "cached tokens", "completion tokens", "total"]
    columns += ["known total", "missing"] if not report.sum.complete else []
    columns += ["stated", "difference"] if report.sum.stated_calls else []
    write_rows(rows, columns, output, right=_NUMBERS, ids=(_MODEL,), may_go=_MAY_GO)
    _say(report)


def _row(row: UsageRow, *, exact: bool) -> dict[str, object]:
    def count(number: int) -> object:
        return number if exact else f"{number:,}"

    def amount(text: str | None) -> str | None:
        return text if text is None or exact else dollars(text)

    return {
        "model": row.model,
        "period": row.period,
        "calls": count(row.calls),
        "prompt tokens": count(row.prompt_tokens),
        "cached tokens": count(row.cache_read_tokens),
        "completion tokens": count(row.completion_tokens),
        "total": amount(row.total) if row.total is not None or exact else "unknown",
        "known total": None if row.complete else amount(row.known_total),
        "missing": "; ".join(f"{gap.rate} ({gap.reason}): {gap.calls} calls" for gap in row.missing),
        "stated": amount(row.stated_total),
        "difference": amount(row.difference),
    }


def _say(report: UsageReport) -> None:
    """What a table has no place for."""
    for unpriced in report.unpriced[:_MAX_SAID]:
        near = f"; did you mean {' or '.join(unpriced.near)}?" if unpriced.near else ""
        say(f"not priced: {unpriced.calls} calls of {unpriced.name!r}: {unpriced.reason}{near}")
    if len(report.unpriced) > _MAX_SAID:
        say(f"not priced: {len(report.unpriced) - _MAX_SAID} more names or reasons; --format json has all")
    for bad in report.bad:
        say(f"bad line: {bad.file}:{bad.line}: {bad.reason}")
    if report.bad_lines > len(report.bad):
        say(f"bad line: {report.bad_lines - len(report.bad)} more")
    _say_assumed(report)
    if report.repeated:
        say(f"{report.repeated} lines repeat a call that was counted")
    no_calls = f", {report.no_calls} no call" if report.no_calls else ""
    repeated = f", {report.repeated} repeated" if report.repeated else ""
    whole = "" if report.whole else "; the total is not whole"
    say(
        f"{report.lines} lines: {report.sum.calls} priced, {report.unpriced_calls} not, {report.bad_lines} bad"
        f"{no_calls}{repeated}{whole}"
    )


def _say_assumed(report: UsageReport) -> None:
    taken = {assumed.text: pair for assumed in report.assumed if (pair := taken_for(assumed.text)) is not None}
    others = [assumed for assumed in report.assumed if assumed.text not in taken]
    for assumed in others[:_MAX_SAID]:
        say(f"assumed for {assumed.calls} calls: {assumed.text}")
    if len(others) > _MAX_SAID:
        say(f"assumed: {len(others) - _MAX_SAID} more; --format json has all")
    if taken:
        shown = ", ".join(f"{name} → {known}" for name, known in list(taken.values())[:_MAX_TAKEN])
        more = f", and {len(taken) - _MAX_TAKEN} more; --format json has why" if len(taken) > _MAX_TAKEN else ""
        say(f"taken for their ids: {shown}{more}")
