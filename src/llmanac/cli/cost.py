"""`llmanac cost`: what a workload costs at some models; or, with `--usage`, what calls that were made have cost."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from llmanac.cli.answers import read_answer
from llmanac.cli.asked import Given, asks, option_name, query_of
from llmanac.cli.cost_fields import WORKLOAD_FIELDS
from llmanac.cli.cost_refused import in_typed_words, refuse_requests_of_no_time, refuse_what_would_not_show
from llmanac.cli.cost_tables import write_answer
from llmanac.cli.cost_workload import workload_of
from llmanac.cli.looking_up import full_ids
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text
from llmanac.cli.stale import say_if_old
from llmanac.clock import now
from llmanac.errors import InvalidBody, InvalidParameter
from llmanac.query.fields import AS_OF, FILTER_FIELDS
from llmanac.query.parse import parse_query
from llmanac.render.cost import CostAnswer

if TYPE_CHECKING:
    from llmanac.answers.cost_request import Costing

_YEAR_DAYS = 365

_FILTERS = {name: field for name, field in FILTER_FIELDS.items() if name != "ids"}


_OF_A_WORKLOAD = (
    "workload",
    "current",
    "budget",
    "days",
    "growth",
    "per",
    "requests_per",
    "start",
    "break_even",
    "limit",
)
"""Options that mean nothing beside calls that were made."""


class Growing(StrEnum):
    """When a series takes a step of growth."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class RequestsPer(StrEnum):
    """What `--requests` are those of in a series."""

    DAY = "day"
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
    per: Growing | None
    requests_per: RequestsPer | None
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
        str | None,
        typer.Option(
            "--at", help="When the requests are made, such as 2026-12-01T14:30:00Z: prices may follow the hour."
        ),
    ] = None,
    excludes: Annotated[
        bool, typer.Option("--input-excludes-cache", help="--prompt-tokens (or the usage's) do not hold cached tokens.")
    ] = False,
    workload: Annotated[
        Path | None, typer.Option("--workload", help="JSON file of a workload, or a list of some, as the API takes it.")
    ] = None,
    current: Annotated[str | None, typer.Option("--current", help="The current choice, to compare with.")] = None,
    budget: Annotated[str | None, typer.Option("--budget", help="USD: how many requests does that buy?")] = None,
    days: Annotated[
        int | None,
        typer.Option(
            "--days", help="A series of so many days, month by month; 365 with --growth alone. See --requests-per."
        ),
    ] = None,
    growth: Annotated[
        str | None, typer.Option("--growth", help="Percent by which the series grows a step, such as 7.5.")
    ] = None,
    per: Annotated[
        Growing | None, typer.Option("--per", help="How long a step of growth is; a month if not given.")
    ] = None,
    requests_per: Annotated[
        RequestsPer | None,
        typer.Option("--requests-per", help="Whether --requests are those of a day or of a month of the series."),
    ] = None,
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
    as_of = _moment(asked["as_of"])
    options = _Options(
        at, as_of, workload, excludes, current, budget, days, growth, per, requests_per, start, break_even, limit
    )
    if usage:
        from llmanac.cli.cost_usage import Asked, price_usage  # noqa: PLC0415  slow

        _refuse_beside_usage(asked, _typed(options, lines=lines), server)
        files = (*usage, *map(Path, models or ()))
        price_usage(Asked(files, by, columns, at, as_of, excludes, nearest), output)
        return
    refuse_what_would_not_show(_typed(options, lines=lines), output)
    if asked["requests"] is not None:
        refuse_requests_of_no_time(_typed(options, lines=lines))
    if current is not None:
        (current,) = full_ids([current], server, token, named="--current")
        options = msgspec.structs.replace(options, current=current)
    body = _body(full_ids(models or [], server, token), asked, options)
    costing = _read(body, from_file=workload is not None)
    answer = _ask_server(server, token, body) if server else _ask_local(costing)
    shown = read_answer(answer, CostAnswer)
    if output is Format.JSON:
        write_json_text(answer)
    else:
        write_answer(shown, output, lines=lines)
    if options.days is not None or options.growth is not None:
        shared = ", whose days share it evenly" if requests_per is RequestsPer.MONTH else ""
        say(f"The workload is that of the first {requests_per or RequestsPer.DAY}{shared}.")
    if as_of is None:
        say_if_old(now() - shown.agreed_at, "prices that changed since then are not known")
    for rejected in shown.rejected:
        say(f"not priced: {rejected.id}: {rejected.reason}")
    if shown.rejected:
        raise typer.Exit(1)


def _refuse_beside_usage(asked: Given, typed: list[str], server: str | None) -> None:
    given = [option_name(name) for name, value in asked.items() if value is not None and name != AS_OF.name]
    given += typed
    if given:
        raise InvalidParameter(f"--usage: Expected no {given[0]} beside it, since the file has the counts")
    if server:
        raise InvalidParameter(
            "--usage: Expected the local store, got --server: the prices of every moment are needed, and files may be"
            " large",
            hint="Run it where the store is, or bring the history over: `llmanac export --history history.tar.zst` on"
            " the server's machine, then `llmanac import history.tar.zst` on this one.",
        )


def _body(models: list[str], asked: Given, options: _Options) -> bytes:
    """The JSON that the API takes."""
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
        "workload": workload_of(asked, options.workload, options.at, without_cache=options.without_cache),
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


def _moment(given: str | None) -> str | None:
    """The text of an instant, maybe given as so long ago."""
    fields = {AS_OF.name: AS_OF}
    return None if given is None else parse_query(query_of({AS_OF.name: given}), fields)[AS_OF.name]


def _typed(options: _Options, *, lines: bool) -> list[str]:
    """The options that were given, as they were typed."""
    given = [option_name(name) for name in _OF_A_WORKLOAD if getattr(options, name) is not None]
    return [*given, "--lines"] if lines else given


def _read(body: bytes, *, from_file: bool) -> "Costing":
    """What the body means. Read here for a server too: what is wrong is told in options, before anything is sent."""
    from llmanac.answers.cost_body import read_body_of_cost  # noqa: PLC0415  as above
    from llmanac.answers.cost_request import read_costing  # noqa: PLC0415  slow

    try:
        return read_costing(read_body_of_cost(body))
    except InvalidBody as problem:
        raise in_typed_words(problem, from_file=from_file) from None


def _growth(options: _Options) -> dict[str, object]:
    return {
        "start": options.start or f"{now():%Y-%m-%d}",
        "days": _YEAR_DAYS if options.days is None else options.days,
        "percent": options.growth or "0",
        "per": options.per or Growing.MONTH,
        "workload_of": options.requests_per or RequestsPer.DAY,
    }


def _ask_server(server: str, token: str | None, body: bytes) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.post("/api/ai/cost", body)


def _ask_local(asked: "Costing") -> bytes:
    from llmanac.answers.quote_cost import quote_cost  # noqa: PLC0415  as above
    from llmanac.cli.local import local_answers  # noqa: PLC0415  slow

    with local_answers() as context:
        return msgspec.json.encode(quote_cost(context, context.lists.find(asked.at), asked))
