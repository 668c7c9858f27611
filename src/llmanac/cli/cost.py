"""`llmanac cost`: what a workload costs at some models; or, with `--usage`, what calls that were made have cost."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from llmanac.cli.answers import read_answer
from llmanac.cli.asked import Given, asks, option_name, query_of
from llmanac.cli.cost_fields import WORKLOAD_FIELDS, counts_of
from llmanac.cli.cost_tables import write_answer
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text
from llmanac.errors import InvalidParameter
from llmanac.query.fields import AS_OF, FILTER_FIELDS
from llmanac.query.parse import parse_query
from llmanac.render.cost import CostAnswer

MAX_WORKLOAD_BYTES = 1 << 20
_YEAR_DAYS = 365

_FILTERS = {name: field for name, field in FILTER_FIELDS.items() if name != "ids"}


class Growing(StrEnum):
    """When a series takes a step of growth."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Axis(StrEnum):
    """What grows in a comparison of two models."""

    CACHED = "cache_read_tokens"
    OUTPUT = "completion_tokens"
    PROMPT = "prompt_tokens"


class _Options(msgspec.Struct, frozen=True):
    """What is asked besides models and counts."""

    at: str | None
    as_of: str | None
    workload: Path | None
    without_cache: bool
    current: str | None
    budget: str | None
    days: int | None
    growth: str | None
    per: Growing
    start: str | None
    break_even: Axis | None
    limit: int | None


@asks({**WORKLOAD_FIELDS, **_FILTERS, AS_OF.name: AS_OF})
def cost(
    asked: Given,
    models: Annotated[
        list[str] | None, typer.Argument(metavar="[MODELS…]", help="Ids; else what the filters leave.")
    ] = None,
    *,
    at: Annotated[
        str | None, typer.Option("--at", help="When the requests are made (RFC 3339), where prices follow the hour.")
    ] = None,
    excludes: Annotated[
        bool, typer.Option("--input-excludes-cache", help="--prompt-tokens (or the usage's) do not hold cached tokens.")
    ] = False,
    workload: Annotated[
        Path | None, typer.Option("--workload", help="JSON file of a workload, or a list of some, as the API takes it.")
    ] = None,
    current: Annotated[str | None, typer.Option("--current", help="The current choice, to compare with.")] = None,
    budget: Annotated[str | None, typer.Option("--budget", help="USD: how many requests does that buy?")] = None,
    days: Annotated[int | None, typer.Option("--days", help="A series of so many days, month by month.")] = None,
    growth: Annotated[str | None, typer.Option("--growth", help="Percent by which the series grows a step.")] = None,
    per: Annotated[Growing, typer.Option("--per", help="How long a step of growth is.")] = Growing.MONTH,
    start: Annotated[str | None, typer.Option("--start", help="First day of the series; today if not given.")] = None,
    break_even: Annotated[
        Axis | None, typer.Option("--break-even", help="Where two models swap as this count grows.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, max=1000, help="The cheapest so many.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Itemise.")] = False,
    usage: Annotated[
        list[Path] | None,
        typer.Option("--usage", metavar="FILES…", help="Calls that were made: CSV or JSON lines; - is standard input."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="With --usage: model, and one of day, month, hour.")] = "model,day",
    columns: Annotated[
        str, typer.Option("--columns", help="With --usage: names of columns, such as time=when,model=engine.")
    ] = "",
    nearest: Annotated[
        bool, typer.Option("--nearest-price", help="With --usage: calls outside all lists at the nearest list's price.")
    ] = False,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Say what a workload costs, cheapest first; or with --usage, what calls have cost at the prices of their time.

    Tables round, and only they do; CSV and JSON are exact. What is not known is said and never counted as nothing.
    Exit code 1: a model could not be priced, or a total is not whole.
    """
    if usage:
        from llmanac.cli.cost_usage import Asked, price_usage  # noqa: PLC0415  slow

        _refuse_beside_usage(asked, server)
        files = (*usage, *map(Path, models or ()))
        price_usage(Asked(files, by, columns, at, asked["as_of"], excludes, nearest), output)
        return
    options = _Options(
        at, asked["as_of"], workload, excludes, current, budget, days, growth, per, start, break_even, limit
    )
    body = _body(models or [], asked, options)
    answer = _ask_server(server, token, body) if server else _ask_local(body)
    shown = read_answer(answer, CostAnswer)
    if output is Format.JSON:
        write_json_text(answer)
    else:
        write_answer(shown, output, lines=lines)
    for rejected in shown.rejected:
        say(f"not priced: {rejected.id}: {rejected.reason}")
    if shown.rejected:
        raise typer.Exit(1)


def _refuse_beside_usage(asked: Given, server: str | None) -> None:
    given = [option_name(name) for name, value in asked.items() if value is not None and name != AS_OF.name]
    if given:
        raise InvalidParameter(f"--usage: Expected no {given[0]} beside it, since the file has the counts")
    if server:
        raise InvalidParameter(
            "--usage: Expected the local store, got --server: the prices of every moment are needed, and files may be"
            " large",
            hint="Run it where the store is, or bring the history over: llmanac export there, llmanac import here.",
        )


def _body(models: list[str], asked: Given, options: _Options) -> bytes:
    """The JSON that the API takes."""
    counts = _counts({name: asked[name] for name in WORKLOAD_FIELDS})
    filters = {name: asked[name] for name in _FILTERS if asked[name] is not None}
    parse_query(query_of(filters), _FILTERS)
    if models and filters:
        option = option_name(next(iter(filters)))
        raise InvalidParameter(f"Expected ids or filters, got both: {models[0]} and {option}")
    if options.break_even is not None and len(models) != 2:
        raise InvalidParameter(f"--break-even: Expected two ids, got {len(models)}")
    compared = None if options.break_even is None else {"models": models, "axis": options.break_even}
    grows = options.days is not None or options.growth is not None
    body: dict[str, object] = {
        "workload": _workload(counts_of(counts), options),
        "models": models or None,
        "filter": None if models else filters,
        "as_of": options.as_of,
        "current": options.current,
        "budget": options.budget,
        "limit": options.limit,
        "break_even": compared,
        "growth": _growth(options) if grows else None,
    }
    return msgspec.json.encode(body)


def _counts(given: Given) -> dict[str, str]:
    try:
        return parse_query(query_of(given), WORKLOAD_FIELDS)
    except InvalidParameter as problem:
        name = problem.parameter or ""
        raise InvalidParameter(problem.message.replace(name, option_name(name), 1), hint=problem.hint) from None


def _growth(options: _Options) -> dict[str, object]:
    return {
        "start": options.start or _today(),
        "days": options.days or _YEAR_DAYS,
        "percent": options.growth or "0",
        "per": options.per,
    }


def _workload(counts: dict[str, msgspec.Raw], options: _Options) -> object:
    if options.workload is not None:
        if counts or options.at or options.without_cache:
            raise InvalidParameter("--workload: Expected no counts beside it, since the file has them")
        return _workload_file(options.workload)
    if not counts:
        raise InvalidParameter(
            "Expected what a request counts, got nothing",
            hint="For example: llmanac cost --prompt-tokens 1800 --completion-tokens 400",
        )
    found: dict[str, object] = {**counts}
    if options.at is not None:
        found["at"] = options.at
    if options.without_cache:
        found["input_includes_cache"] = False
    return found


def _workload_file(path: Path) -> msgspec.Raw:
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            raw = file.read(MAX_WORKLOAD_BYTES + 1)
        msgspec.json.decode(raw, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
    except OSError as problem:
        raise InvalidParameter(f"--workload: {path} cannot be read: {problem.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise InvalidParameter(f"--workload: {path} holds no JSON of a workload: {problem}") from None
    if len(raw) > MAX_WORKLOAD_BYTES:
        raise InvalidParameter(f"--workload: Expected at most {MAX_WORKLOAD_BYTES} bytes, got more")
    return msgspec.Raw(raw)


def _today() -> str:
    from llmanac.clock import now  # noqa: PLC0415  as above

    return f"{now():%Y-%m-%d}"


def _ask_server(server: str, token: str | None, body: bytes) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.post("/api/ai/cost", body)


def _ask_local(body: bytes) -> bytes:
    from llmanac.cli.local import local_parts  # noqa: PLC0415  slow
    from llmanac.web.cost import make_cost, read_cost  # noqa: PLC0415  as above

    asked = read_cost(body)
    with local_parts() as parts:
        return msgspec.json.encode(make_cost(parts, asked))
