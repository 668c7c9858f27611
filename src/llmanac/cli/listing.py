"""`llmanac list`: the models, with what they can do and what they cost; now, or as they were."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.money import PriceState, parse_price, per_million
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import option, query_of
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, write_json_text, write_rows
from llmanac.query.fields import AS_OF, LISTING_FIELDS, STATUS, VIEW
from llmanac.render.listing import ListedModel, Listing, View

if TYPE_CHECKING:
    from llmanac.web.parts import Parts

Ask = Callable[[str], bytes]
_COLUMNS = ("id", "name", "input", "output", "context", "prompt $/M", "completion $/M")
_STANDING = ("id", "status", "last day", "last seen")
_NUMBERS = ("context", "prompt $/M", "completion $/M")


def list_models(
    as_of: Annotated[str | None, option(AS_OF)] = None,
    status: Annotated[str | None, option(STATUS)] = None,
    view: Annotated[str | None, option(VIEW)] = None,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """List every text and image model. Prices in USD per million tokens; JSON is the contract's own answer.

    With `--status` the other formats also say how each model stands.
    """
    if output is not Format.JSON and status is not None:
        view = View.FULL
    query = query_of({"view": view, "as_of": as_of, "status": status})
    with asking(server, token) as ask:
        body = ask(query)
    models = models_in(body)
    if output is Format.JSON:
        write_json_text(body)
    elif status is None:
        write_rows([_row(model) for model in models], _COLUMNS, output, right=_NUMBERS)
    else:
        rows = [_standing(model) | _row(model) for model in models]
        write_rows(rows, (*_STANDING, *_COLUMNS[1:]), output, right=_NUMBERS)


@contextmanager
def asking(server: str | None, token: str | None) -> Iterator[Ask]:
    """What gives the endpoint's answer to a query: that server, else the local store."""
    if server:
        from llmanac.client import Client  # noqa: PLC0415  slow

        with Client(server, token) as client:
            yield lambda query: client.get(f"/api/ai/models?{query}" if query else "/api/ai/models")
    else:
        from llmanac.cli.local import local_parts  # noqa: PLC0415  slow

        with local_parts() as parts:
            yield lambda query: local_answer(parts, query)


def local_answer(parts: "Parts", query: str) -> bytes:
    """What a server on the local store would answer."""
    from llmanac.query.parse import parse_query  # noqa: PLC0415  slow
    from llmanac.web.front import no_list_yet  # noqa: PLC0415  as above
    from llmanac.web.question import read_question  # noqa: PLC0415  as above

    question = read_question(parse_query(query, LISTING_FIELDS))
    if parts.current.held.catalogue is None:
        raise no_list_yet()
    return parts.past.render(parts.past.find(question.at), question)


class _Group(msgspec.Struct):
    models: list[msgspec.Raw]


class _Lists(msgspec.Struct):
    text: list[_Group]
    image: list[_Group]


def models_in(body: bytes) -> list[bytes]:
    """The JSON of every model of an answer, one with both outputs once.

    Raises:
        ServerError: It is no answer of the endpoint.
    """
    read_answer(body, Listing)
    lists = read_answer(body, _Lists)
    # Both lists hold the very same bytes for one model.
    return list(dict.fromkeys(bytes(raw) for group in (*lists.text, *lists.image) for raw in group.models))


def _row(raw: bytes) -> dict[str, object]:
    model = msgspec.json.decode(raw, type=ListedModel)
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
