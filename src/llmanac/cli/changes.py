"""`llmanac changes`: what became of the models, and whether it is worth knowing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from fractions import Fraction
from itertools import takewhile
from typing import Annotated

import msgspec
import typer

from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import option, query_of
from llmanac.cli.looking_up import full_ids
from llmanac.cli.output import (
    Format,
    FormatOption,
    Lines,
    ServerOption,
    TokenOption,
    say,
    terminal_width,
    write_json_text,
    write_rows,
)
from llmanac.cli.prices import price_words
from llmanac.errors import InvalidParameter
from llmanac.history.percent import price_percent
from llmanac.query.fields import (
    AUTHOR,
    CAUSE,
    CHANGES_FIELDS,
    CURSOR,
    DIRECTION,
    FIELD,
    KIND,
    MAX_PAGE,
    MIN_PERCENT,
    MODEL,
    ORDER,
    SINCE,
    UNTIL,
)
from llmanac.query.read import read_words
from llmanac.render.changes import ChangePage, ShownChange

_COLUMNS = ("seen", "model", "what", "change", "%", "cause")
_MODEL_COLUMNS = ("seen", "model", "changes")
_EXACT_COLUMNS = tuple(ShownChange.__struct_fields__)
_ON_A_SCREEN = "50"
"""Changes that a terminal gets where no limit is given."""
_NEWEST = "newest"
ALL = "all"
NOTHING = "–"
"""What stands for no value."""
_PRICING = "pricing."
_LEAST_PERCENT = Fraction(1, 200)
"""What is less reads 0.00."""
_SHOWN_CHARACTERS = 60
_KEPT_BEFORE = 12
"""Characters of a long text that are shown before the first that differs."""


class Group(StrEnum):
    """What a row of a table is."""

    MODEL = "model"
    CHANGE = "change"


def changes(
    since: Annotated[str | None, option(SINCE)] = None,
    until: Annotated[str | None, option(UNTIL)] = None,
    model: Annotated[str | None, option(MODEL)] = None,
    author: Annotated[str | None, option(AUTHOR)] = None,
    kind: Annotated[str | None, option(KIND)] = None,
    field: Annotated[str | None, option(FIELD)] = None,
    cause: Annotated[str, option(CAUSE)] = CAUSE.default,
    min_percent: Annotated[str | None, option(MIN_PERCENT)] = None,
    direction: Annotated[str | None, option(DIRECTION)] = None,
    order: Annotated[str | None, option(ORDER)] = None,
    limit: Annotated[
        str | None,
        typer.Option(
            "--limit", help=f"At most so many changes, up to {MAX_PAGE}; {_ON_A_SCREEN} on a terminal, else all."
        ),
    ] = None,
    cursor: Annotated[str | None, option(CURSOR)] = None,
    group: Annotated[
        Group | None,
        typer.Option("--group", help="What a row of a table is: a model (on a terminal, if not given) or a change."),
    ] = None,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Show what changed. Tables show prices in USD per million tokens; JSON and CSV are exact.

    A terminal shows the newest changes first, 50 of them; a pipe or a file gets all of them.
    """
    on_terminal = terminal_width() is not None
    if group is not None and output not in {Format.TABLE, Format.MARKDOWN}:
        raise InvalidParameter(f"--group: Expected --format table or markdown beside it, got {output.value}")
    if on_terminal and output is Format.TABLE:
        group, order = group or Group.MODEL, order or _NEWEST
    every = limit is None and not on_terminal
    given = {
        "since": since, "until": until, "model": model, "author": author, "kind": kind, "field": field,
        "cause": cause, "min_percent": min_percent, "direction": direction, "order": order,
        "limit": str(MAX_PAGE) if every else limit or _ON_A_SCREEN, "cursor": cursor,
    }  # fmt: skip
    if model is not None:
        given["model"] = ",".join(full_ids(read_words(model), server, token, named="--model"))
    with _asking(server, token) as ask:
        body, page = _pages(ask, given, every=every)
        nothing = "" if page.changes else _why_nothing(ask, given)
    if output is Format.JSON:
        write_json_text(body)
    elif output is Format.CSV:
        write_rows([_plain_row(change) for change in page.changes], _EXACT_COLUMNS, output)
    elif group is Group.MODEL:
        write_rows([*_by_model(page.changes)], _MODEL_COLUMNS, output, ids=("model",), may_go=("seen",))
    else:
        rows = [_row(change) for change in page.changes]
        write_rows(rows, _columns(rows), output, right=("%",), ids=("model",), may_go=("cause", "seen"))
    if nothing:
        say(nothing)
    if page.next is not None:
        say(_more(page, order, on_terminal=on_terminal))


def _pages(ask: Callable[[str], bytes], given: Mapping[str, str | None], *, every: bool) -> tuple[bytes, ChangePage]:
    """The page that is asked for, or all from there on as one."""
    body = ask(query_of(given))
    page = read_answer(body, ChangePage)
    if not every or page.next is None:
        return body, page
    whole = msgspec.structs.replace(page, changes=tuple(_every(ask, given, page)), next=None)
    return msgspec.json.encode(whole), whole


def _every(ask: Callable[[str], bytes], given: Mapping[str, str | None], page: ChangePage) -> Iterator[ShownChange]:
    yield from page.changes
    while page.next is not None:
        page = read_answer(ask(query_of({**given, "cursor": page.next})), ChangePage)
        yield from page.changes


def _more(page: ChangePage, order: str | None, *, on_terminal: bool) -> str:
    again = f"--cursor {page.next}" if order is None else f"--order {order} --cursor {page.next}"
    if not on_terminal:
        return f"There are more: {again}"
    which = "There are more" if order is None else f"These are the {order} {len(page.changes)} changes; there are more"
    return f"{which}: {again} goes on, a greater --limit or a pipe shows them."


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
    everything = read_answer(ask(query_of({**given, "cause": ALL, "limit": str(MAX_PAGE)})), ChangePage)
    if not everything.changes:
        return "There are no changes that fit, of any cause."
    count = f"more than {MAX_PAGE}" if everything.next is not None else len(everything.changes)
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


def _plain_row(change: ShownChange) -> Mapping[str, object]:
    """As `exact_row`, with texts as they are."""
    return {**exact_row(change), "before": _plain(change.before), "after": _plain(change.after)}


def _json(value: msgspec.Raw) -> str | None:
    return None if bytes(value) == b"null" else bytes(value).decode()


def _plain(value: msgspec.Raw) -> str | None:
    """A text as it is, of anything else the JSON."""
    text = _json(value)
    return msgspec.json.decode(text, type=str) if text is not None and text[:1] == '"' else text


def _by_model(found: Iterable[ShownChange]) -> Iterator[Mapping[str, object]]:
    """A row for each model, in the order of its first change; each change on a line."""
    of_models: dict[str, list[ShownChange]] = {}
    for change in found:
        of_models.setdefault(change.model, []).append(change)
    for model, changes_of in of_models.items():
        first = changes_of[0].seen_at
        lines = Lines(_line(change, dated=change.seen_at != first) for change in changes_of)
        yield {"seen": f"{first:%Y-%m-%d}", "model": model, "changes": lines}


def _line(change: ShownChange, *, dated: bool) -> str:
    changed = change_words(change)
    words = [
        f"{what_words(change)}:" if changed else what_words(change),
        changed,
        (percent_words(change) or "").replace(" ", ""),
    ]
    if dated:
        words.insert(0, f"{change.seen_at:%Y-%m-%d}")
    if change.cause is not Cause.REAL:
        words.append(f"({change.cause.value})")
    return " ".join(filter(None, words))


def _row(change: ShownChange) -> Mapping[str, object]:
    return {
        "seen": f"{change.seen_at:%Y-%m-%d %H:%M}",
        "model": change.model,
        "what": what_words(change),
        "change": change_words(change),
        "%": percent_words(change),
        "cause": change.cause.value,
    }


def what_words(change: ShownChange) -> str:
    """The field; of a whole model what became of it, and whether its removal is sure."""
    if change.field:
        return field_words(change.field)
    return change.kind.value if change.certainty is None else f"{change.kind.value}, {change.certainty.value}"


def field_words(field: str) -> str:
    """A field for eyes: rates without what all of them begin with."""
    return field.removeprefix(_PRICING)


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
    price = None if text is None or change.kind is not ChangeKind.PRICE else price_words(change.field, text)
    return price or _plain(value) or ""


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


def percent_words(change: ShownChange) -> str | None:
    """With an arrow and a sign: neither needs a colour. What rounds to zero is none."""
    if change.percent is None:
        return None
    exact = price_percent(_json(change.before), _json(change.after))
    assert exact is not None, "a percent is of two prices"
    if not exact:
        return "0 %"
    arrow = "↑" if exact > 0 else "↓"
    if abs(exact) < _LEAST_PERCENT:
        return f"{arrow} <0.01 %"
    return f"{arrow} {'+' if exact > 0 else ''}{change.percent} %"
