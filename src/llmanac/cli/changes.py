"""`llmanac changes`: what became of the models, and whether it is worth knowing."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from llmanac.catalogue.change import ChangeKind
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import option, query_of
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text, write_rows
from llmanac.cli.prices import price_words
from llmanac.query.fields import (
    AUTHOR,
    CAUSE,
    CHANGES_FIELDS,
    CURSOR,
    FIELD,
    KIND,
    LIMIT,
    MIN_PERCENT,
    MODEL,
    SINCE,
    UNTIL,
)
from llmanac.render.changes import ChangePage, ShownChange

_COLUMNS = ("seen", "model", "kind", "field", "before", "after", "%", "cause")
_EXACT_COLUMNS = tuple(ShownChange.__struct_fields__)
_NEWEST = "50"
_SHOWN_CHARACTERS = 60


def changes(
    since: Annotated[str | None, option(SINCE)] = None,
    until: Annotated[str | None, option(UNTIL)] = None,
    model: Annotated[str | None, option(MODEL)] = None,
    author: Annotated[str | None, option(AUTHOR)] = None,
    kind: Annotated[str | None, option(KIND)] = None,
    field: Annotated[str | None, option(FIELD)] = None,
    cause: Annotated[str, option(CAUSE)] = CAUSE.default,
    min_percent: Annotated[str | None, option(MIN_PERCENT)] = None,
    limit: Annotated[str, option(LIMIT)] = _NEWEST,
    cursor: Annotated[str | None, option(CURSOR)] = None,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Show what changed, the newest first. Tables show prices in USD per million tokens; JSON and CSV are exact."""
    query = query_of(
        {
            "since": since, "until": until, "model": model, "author": author, "kind": kind, "field": field,
            "cause": cause, "min_percent": min_percent, "limit": limit, "cursor": cursor,
        }
    )  # fmt: skip
    body = _ask_server(server, token, query) if server else _read_local(query)
    page = read_answer(body, ChangePage)
    if output is Format.JSON:
        write_json_text(body)
    elif output is Format.CSV:
        write_rows([exact_row(change) for change in page.changes], _EXACT_COLUMNS, output)
    else:
        write_rows([_row(change) for change in page.changes], _COLUMNS, output, right=("before", "after", "%"))
    if page.next is not None:
        say(f"There are more: --cursor {page.next}")


def _ask_server(server: str, token: str | None, query: str) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.get(f"/api/ai/changes?{query}")


def _read_local(query: str) -> bytes:
    from llmanac.cli.local import local_parts  # noqa: PLC0415  slow
    from llmanac.query.parse import parse_query  # noqa: PLC0415  as above
    from llmanac.web.changes import make_changes  # noqa: PLC0415  as above

    asked = parse_query(query, CHANGES_FIELDS)
    with local_parts() as parts:
        return msgspec.json.encode(make_changes(parts, asked))


def exact_row(change: ShownChange) -> Mapping[str, object]:
    """Every member as the answer has it, values as JSON."""
    row = msgspec.to_builtins(change, builtin_types=(msgspec.Raw,))
    assert isinstance(row, dict)
    return row | {"before": _json(change.before), "after": _json(change.after)}


def _json(value: msgspec.Raw) -> str | None:
    return None if bytes(value) == b"null" else bytes(value).decode()


def _row(change: ShownChange) -> Mapping[str, object]:
    before, after = value_words(change)
    return {
        "seen": f"{change.seen_at:%Y-%m-%d %H:%M}",
        "model": change.model,
        "kind": change.kind.value,
        "field": change.field or None,
        "before": before,
        "after": after,
        "%": percent_words(change.percent),
        "cause": change.cause.value,
    }


def value_words(change: ShownChange) -> tuple[str | None, str | None]:
    """Before and after for eyes: prices in their usual unit, of lists what left and what came, long texts cut.

    Of a whole model its name, and whether its removal is sure.
    """
    if change.kind is ChangeKind.REMOVED:
        return change.name, None if change.certainty is None else change.certainty.value
    if not change.field:
        return None, change.name
    before, after = _list(change.before), _list(change.after)
    if before is not None and after is not None and set(before) != set(after):
        lost, won = [each for each in before if each not in after], [each for each in after if each not in before]
        return _signed("-", lost), _signed("+", won)
    return _words(change, change.before), _words(change, change.after)


def _list(value: msgspec.Raw) -> list[str] | None:
    try:
        return msgspec.json.decode(value, type=list[str])
    except msgspec.DecodeError:
        return None


def _signed(sign: str, words: Iterable[str]) -> str | None:
    return _cut(" ".join(f"{sign}{word}" for word in words)) or None


def _words(change: ShownChange, value: msgspec.Raw) -> str | None:
    text = _json(value)
    price = None if text is None or change.kind is not ChangeKind.PRICE else price_words(change.field, text)
    if text is None or price is not None:
        return price
    return _cut(msgspec.json.decode(text, type=str) if text[:1] == '"' else text)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def percent_words(percent: str | None) -> str | None:
    """With an arrow and a sign: neither needs a colour."""
    if percent is None:
        return None
    down = percent.startswith("-")
    return f"{'↓' if down else '↑'} {'' if down else '+'}{percent} %"
