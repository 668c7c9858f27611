"""`llmanac list`: the models, with what they can do and what they cost; now, or as they were."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import typer

from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.modality import IMAGE, TEXT
from llmanac.catalogue.money import PriceState, parse_price, per_million
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import Given, asks, query_of
from llmanac.cli.exporting import exporting
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text, write_rows
from llmanac.query.fields import LISTING_FIELDS
from llmanac.query.parse import parse_query
from llmanac.query.query import read_query
from llmanac.query.read import read_paths
from llmanac.render.listing import FullListing, FullModel
from llmanac.render.picked import check_paths

if TYPE_CHECKING:
    from llmanac.answers.context import AnswerContext

Ask = Callable[[str], bytes]
_COLUMNS = ("id", "name", "input", "output", "context", "prompt $/M", "completion $/M")
_STANDING = ("id", "status", "last day", "last seen")
_NUMBERS = ("context", "prompt $/M", "completion $/M")
_MAY_GO = ("name", "output", "input", "last seen", "context", "completion $/M", "prompt $/M")
_OF_THE_ENDPOINT = frozenset({"view", "fields", "facets", "cursor", "offset", "limit"})
"""What the rows of a table are not asked by."""


@asks(LISTING_FIELDS)
def list_models(
    asked: Given,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """List text and image models. Prices in USD per million tokens; JSON is the endpoint's own answer, prices exact.

    With `--status` the other formats also say how each model stands; with `--facets` they show the counts instead of
    the models; with `--fields` they have these columns.
    """
    if output is Format.JSON:
        with asking(server, token) as ask:
            write_json_text(ask(query_of(asked)))
        return
    values = parse_query(query_of(asked), LISTING_FIELDS)
    # Refused as the server would: what follows asks for all pages, and asks another route.
    read_query(values)
    if values["cursor"]:
        raise typer.BadParameter("Expected it with --format json only; others go on by --offset", param_hint="--cursor")
    if values["facets"]:
        with asking(server, token) as ask:
            counts = _facets(ask(query_of({**asked, "fields": "id", "view": None})))
        write_rows(counts, ("facet", "value", "models"), output, right=("models",))
        return
    models = _every(asked, server, token)
    begin = int(values["offset"] or 0)
    end = begin + int(values["limit"]) if values["limit"] else len(models)
    _write_models(models[begin:end], values, output)
    if end < len(models):
        say(f"There are {len(models) - end} more: --offset {end}")


def _every(asked: Given, server: str | None, token: str | None) -> list[bytes]:
    """The full JSON of all text and image models that the filters leave, in order."""
    wanted = {name: value for name, value in asked.items() if name not in _OF_THE_ENDPOINT}
    with exporting(server, token) as export:
        lines = export("ndjson", query_of(wanted)).splitlines()
    shown = {TEXT, IMAGE}
    return [line for line in lines if not shown.isdisjoint(read_answer(line, _Given).architecture.output_modalities)]


def _write_models(models: Sequence[bytes], values: Mapping[str, str], output: Format) -> None:
    paths = read_paths(values["fields"])
    if paths:
        check_paths(paths, models)
        names = [".".join(path) for path in paths]
        write_rows(
            [{name: _member(raw, path) for name, path in zip(names, paths, strict=True)} for raw in models],
            names,
            output,
            ids=("id",),
        )
    elif not values["status"]:
        write_rows([_row(raw) for raw in models], _COLUMNS, output, right=_NUMBERS, ids=("id",), may_go=_MAY_GO)
    else:
        rows = [_standing(raw) | _row(raw) for raw in models]
        write_rows(rows, (*_STANDING, *_COLUMNS[1:]), output, right=_NUMBERS, ids=("id",), may_go=_MAY_GO)


@contextmanager
def asking(server: str | None, token: str | None) -> Iterator[Ask]:
    """What gives the endpoint's answer to a query: that server, else the local store."""
    if server:
        from llmanac.client import Client  # noqa: PLC0415  slow

        with Client(server, token) as client:
            yield lambda query: client.get(f"/api/ai/models?{query}" if query else "/api/ai/models")
    else:
        from llmanac.cli.local import local_answers  # noqa: PLC0415  slow

        with local_answers() as context:
            yield lambda query: local_answer(context, query)


def local_answer(context: "AnswerContext", query: str) -> bytes:
    """What a server on the local store would answer."""
    from llmanac.answers.list_models import list_models as answer  # noqa: PLC0415  slow
    from llmanac.answers.list_question import read_question  # noqa: PLC0415  as above

    question = read_question(parse_query(query, LISTING_FIELDS))
    return answer(context.lists, question)


class _Group(msgspec.Struct):
    models: list[msgspec.Raw]


class _Lists(msgspec.Struct):
    text: list[_Group]
    image: list[_Group]


def models_in(body: bytes) -> list[bytes]:
    """The JSON of every model of an answer in the full view, one with both outputs once.

    Raises:
        ServerError: It is no answer of the endpoint.
    """
    read_answer(body, FullListing)
    lists = read_answer(body, _Lists)
    # Both lists hold the very same bytes for one model.
    return list(dict.fromkeys(bytes(raw) for group in (*lists.text, *lists.image) for raw in group.models))


class _Count(msgspec.Struct):
    value: str
    count: int


class _Counted(msgspec.Struct):
    facets: dict[str, list[_Count]]


def _facets(body: bytes) -> list[dict[str, object]]:
    counted = read_answer(body, _Counted).facets
    return [
        {"facet": name, "value": each.value, "models": each.count}
        for name, counts in counted.items()
        for each in counts
    ]


def _member(raw: bytes, path: Sequence[str]) -> object:
    """A member for a cell: texts as they are, lists of texts with commas between, everything else as JSON."""
    for name in path:
        if raw[:1] != b"{":
            return None
        found = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get(name)
        if found is None:
            return None
        raw = bytes(found)
    try:
        return msgspec.json.decode(raw, type=str | list[str] | None)
    except msgspec.DecodeError:
        return raw.decode()


class _GivenOutputs(msgspec.Struct):
    output_modalities: list[str]


class _Given(msgspec.Struct):
    architecture: _GivenOutputs


def _row(raw: bytes) -> dict[str, object]:
    model = read_answer(raw, FullModel)
    return {
        "id": model.id,
        "name": model.name,
        "input": "+".join(model.architecture.input_modalities),
        "output": "+".join(model.architecture.output_modalities),
        "context": model.context_length,
        "prompt $/M": _price(model.pricing.prompt),
        "completion $/M": _price(model.pricing.completion),
    }


class _Conclusions(msgspec.Struct):
    status: str
    last_seen_at: datetime | None = None


class _Full(msgspec.Struct):
    llmanac: _Conclusions


def _standing(raw: bytes) -> dict[str, object]:
    ours = read_answer(raw, _Full).llmanac
    return {
        "status": ours.status,
        "last day": expires_on(raw),
        "last seen": None if ours.last_seen_at is None else f"{ours.last_seen_at:%Y-%m-%d %H:%M}",
    }


def _price(text: str | None) -> str:
    """Zero, dynamic and unknown are told apart."""
    if text is None:
        return "unknown"
    price = parse_price(text)
    return "dynamic" if price.state is PriceState.DYNAMIC else per_million(price)
