"""`llmanac changes`: what became of the models, and whether it is worth knowing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import Annotated

import msgspec

from llmanac.catalogue.change import Cause, ChangeKind
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

_COLUMNS = ("seen", "model", "what", "change", "%", "cause")
_EXACT_COLUMNS = tuple(ShownChange.__struct_fields__)
_NEWEST = "50"
_MOST = 1000
ALL = "all"
NOTHING = "–"
"""What stands for no value."""
_SHOWN_CHARACTERS = 60
_KEPT_BEFORE = 12
"""Characters of a long text that are shown before the first that differs."""


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
    given = {
        "since": since, "until": until, "model": model, "author": author, "kind": kind, "field": field,
        "cause": cause, "min_percent": min_percent, "limit": limit, "cursor": cursor,
    }  # fmt: skip
    with _asking(server, token) as ask:
        body = ask(query_of(given))
        page = read_answer(body, ChangePage)
        nothing = "" if page.changes else _why_nothing(ask, given)
    if output is Format.JSON:
        write_json_text(body)
    elif output is Format.CSV:
        write_rows([exact_row(change) for change in page.changes], _EXACT_COLUMNS, output)
    else:
        rows = [_row(change) for change in page.changes]
        write_rows(rows, _columns(rows), output, right=("%",))
    if nothing:
        say(nothing)
    if page.next is not None:
        say(f"There are more: --cursor {page.next}")


@contextmanager
def _asking(server: str | None, token: str | None) -> Iterator[Callable[[str], bytes]]:
    """What gives the route's answer to a query: that server, else the local store."""
    if server:
        from llmanac.client import Client  # noqa: PLC0415  slow

        with Client(server, token) as client:
            yield lambda query: client.get(f"/api/ai/changes?{query}")
    else:
        from llmanac.answers.list_changes import list_changes  # noqa: PLC0415  as above
        from llmanac.cli.local import local_answers  # noqa: PLC0415  slow
        from llmanac.query.parse import parse_query  # noqa: PLC0415  as above

        with local_answers() as context:
            yield lambda query: msgspec.json.encode(list_changes(context, parse_query(query, CHANGES_FIELDS)))


def _why_nothing(ask: Callable[[str], bytes], given: Mapping[str, str | None]) -> str:
    """Words for an empty page: whether other causes would have filled it."""
    if given["cursor"] is not None:
        return "There are no more changes."
    if ALL in str(given["cause"]).split(","):
        return "There are no changes that fit."
    everything = read_answer(ask(query_of({**given, "cause": ALL, "limit": str(_MOST)})), ChangePage)
    if not everything.changes:
        return "There are no changes that fit, of any cause."
    count = f"more than {_MOST}" if everything.next is not None else len(everything.changes)
    return f"There are no changes that fit with the cause {given['cause']}; --cause {ALL} has {count}."


def _columns(rows: Sequence[Mapping[str, object]]) -> Sequence[str]:
    """Without those that would say nothing: of prices where there are none, of causes where all are real."""
    plain = {"%": {None}, "cause": {Cause.REAL.value}}
    return [name for name in _COLUMNS if name not in plain or {row[name] for row in rows} != plain[name]]


def exact_row(change: ShownChange) -> Mapping[str, object]:
    """Every member as the answer has it, values as JSON."""
    row = msgspec.to_builtins(change, builtin_types=(msgspec.Raw,))
    assert isinstance(row, dict)
    return row | {"before": _json(change.before), "after": _json(change.after)}


def _json(value: msgspec.Raw) -> str | None:
    return None if bytes(value) == b"null" else bytes(value).decode()


def _row(change: ShownChange) -> Mapping[str, object]:
    return {
        "seen": f"{change.seen_at:%Y-%m-%d %H:%M}",
        "model": change.model,
        "what": what_words(change),
        "change": change_words(change),
        "%": percent_words(change.percent),
        "cause": change.cause.value,
    }


def what_words(change: ShownChange) -> str:
    """The field; of a whole model what became of it, and whether its removal is sure."""
    if change.field:
        return change.field
    return change.kind.value if change.certainty is None else f"{change.kind.value}, {change.certainty.value}"


def change_words(change: ShownChange) -> str | None:
    """What became of a value, for eyes: prices in their usual unit, of lists what left and what came, long texts cut.

    Of a whole model its name.
    """
    if not change.field:
        return change.name
    before, after = _list(change.before), _list(change.after)
    if before is not None and after is not None and set(before) != set(after):
        lost = (f"-{each}" for each in before if each not in after)
        won = (f"+{each}" for each in after if each not in before)
        return _cut(" ".join((*lost, *won)))
    one, other = _excerpts(_words(change, change.before), _words(change, change.after))
    return f"{one or NOTHING} → {other or NOTHING}"


def _list(value: msgspec.Raw) -> list[str] | None:
    try:
        return msgspec.json.decode(value, type=list[str])
    except msgspec.DecodeError:
        return None


def _words(change: ShownChange, value: msgspec.Raw) -> str:
    text = _json(value)
    if text is None:
        return ""
    price = None if change.kind is not ChangeKind.PRICE else price_words(change.field, text)
    if price is not None:
        return price
    return msgspec.json.decode(text, type=str) if text[:1] == '"' else text


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Both, cut to what differs: two long texts mostly begin alike."""
    if max(len(before), len(after)) <= _SHOWN_CHARACTERS:
        return before, after
    same = len([*takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))])
    # From the beginning of a word on.
    skipped = before.rfind(" ", 0, max(same - _KEPT_BEFORE, 0)) + 1
    begin = "…" if skipped else ""
    return begin + _cut(before[skipped:]), begin + _cut(after[skipped:])


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def percent_words(percent: str | None) -> str | None:
    """With an arrow and a sign: neither needs a colour."""
    if percent is None:
        return None
    down = percent.startswith("-")
    return f"{'↓' if down else '↑'} {'' if down else '+'}{percent} %"
