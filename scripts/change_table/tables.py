"""Figures → the Markdown of docs/concepts/causes.md."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from llmanac.catalogue.change import WHOLE_MODEL, Cause, ChangeKind
from llmanac.history.label import SWINGING_KINDS
from scripts.change_table.examples import example_of, examples
from scripts.change_table.figures import Fate, Figures, Seen
from scripts.change_table.pairs import Part
from scripts.change_table.rules import Rule

_OTHER = (Cause.REPRESENTATION, Cause.SCOPE, Cause.ALIAS, Cause.WINDOW, Cause.FLAP)
_COMPARED = (Part.TEXT, Part.ALL)


def markdown(of: Figures, windows: Sequence[Seen]) -> str:
    """All tables and examples. `windows`: what the two lists that were made up differ in."""
    parts = (
        _way(of),
        _by_kind(of, Part.TEXT),
        _by_kind(of, Part.ALL),
        _seam(of),
        _by_rule(of),
        _flaps(of),
        _removals(of),
        *(_examples(of, cause) for cause in (Cause.REAL, Cause.SCOPE, Cause.ALIAS, Cause.FLAP)),
        _rule_examples(of),
        _windows(of, windows),
    )
    return "\n\n".join("\n".join(part) for part in parts)


def _way(of: Figures) -> Iterator[str]:
    yield from ("### From raw differences to real changes", "")
    rows: list[tuple[str, list[int]]] = [
        ("lists", [of.lists.get(part, 0) for part in Part]),
        ("raw differences", [sum(of.raw[part].values()) for part in Part]),
        ("… of them in `benchmarks`", [of.raw[part].get("benchmarks", 0) for part in Part]),
        ("changes", [sum(each.part is part for each in of.seen) for part in Part]),
        ("… beside a return", [sum(each.part is part and each.beside_return for each in of.seen) for part in Part]),
    ]
    for cause in (*_OTHER, Cause.REAL):
        name = f"**{cause}**" if cause is Cause.REAL else f"… `{cause}`"
        rows.append((name, [sum(each.part is part and each.label is cause for each in of.seen) for part in Part]))
    yield from _table(("", *Part, "all"), ([name, *numbers, sum(numbers)] for name, numbers in rows))
    silent = of.fetches - sum(of.lists.values())
    if silent:
        yield from ("", f"Lists that are text only and come after the seam are compared with nothing: {silent}.")


def _by_kind(of: Figures, part: Part) -> Iterator[str]:
    yield from (f"### By kind and label: {part}", "")
    counted = Counter((each.change.kind, each.label) for each in of.seen if each.part is part)
    causes = [cause for cause in Cause if any(label is cause for _, label in counted)]
    kinds = [kind for kind in ChangeKind if any(each is kind for each, _ in counted)]
    rows: list[list[object]] = [[f"`{kind}`", *(counted[kind, cause] for cause in causes)] for kind in kinds]
    rows.append(["all", *(sum(counted[kind, cause] for kind in kinds) for cause in causes)])
    yield from _table(("", *(f"`{cause}`" for cause in causes), "all"), _with_sums(rows))


def _seam(of: Figures) -> Iterator[str]:
    yield from ("### By kind: first list and seam", "", "All have the label `scope`.", "")
    counted = Counter((each.change.kind, each.part) for each in of.seen)
    parts = (Part.FIRST, Part.SEAM)
    kinds = [kind for kind in ChangeKind if any(counted[kind, part] for part in parts)]
    yield from _table(("", *parts), ([f"`{kind}`", *(counted[kind, part] for part in parts)] for kind in kinds))


def _by_rule(of: Figures) -> Iterator[str]:
    yield from ("### By rule: representation", "")
    yield from (
        "Several rules may fit one difference. Those that only one fits would be called something else without it.",
        "",
    )
    head = [f"{part}: {what}" for part in _COMPARED for what in ("fits", "alone")]
    rows = []
    for rule in Rule:
        fits = {
            part: [each.rules for each in of.seen if each.part is part and rule in each.rules] for part in _COMPARED
        }
        alone = {part: sum(len(rules) == 1 for rules in fits[part]) for part in _COMPARED}
        rows.append([rule.value, *(number for part in _COMPARED for number in (len(fits[part]), alone[part]))])
    yield from _table(("", *head), rows)


def _flaps(of: Figures) -> Iterator[str]:
    yield from ("### Flaps", "")
    head = [f"{part}: {what}" for part in _COMPARED for what in ("real by itself", "`flap`")]
    own = Counter((each.change.kind, each.part) for each in of.seen if each.change.cause is Cause.REAL)
    flaps = Counter((each.change.kind, each.part) for each in of.seen if each.label is Cause.FLAP)
    kinds = [kind for kind in ChangeKind if kind in _FLAPPING]
    rows = [[f"`{kind}`", *(count[kind, part] for part in _COMPARED for count in (own, flaps))] for kind in kinds]
    yield from _table(("", *head), rows)


_FLAPPING = SWINGING_KINDS | {ChangeKind.REMOVED, ChangeKind.RETURNED}
"""Kinds that can flap."""


def _removals(of: Figures) -> Iterator[str]:
    yield from ("### Removals", "")
    parts = (Part.TEXT, Part.SEAM, Part.ALL)
    left = {part: [each for each in of.left if each.part is part] for part in parts}
    rows: list[list[object]] = [
        ["removed", *(len(left[part]) for part in parts)],
        ["… announced by the last record", *(sum(each.announced for each in left[part]) for part in parts)],
    ]
    rows += [[f"… {fate}", *(sum(each.fate is fate for each in left[part]) for part in parts)] for fate in Fate]
    yield from _table(("", *parts, "all"), _with_sums(rows))


def _examples(of: Figures, cause: Cause) -> Iterator[str]:
    yield from (f"### Examples: {cause}", "")
    yield from _table(_SHOWN, map(_shown, examples(of.seen, cause)), numbers=False)


def _rule_examples(of: Figures) -> Iterator[str]:
    yield from ("### Examples: representation", "", "One that only the one rule fits, where there is one.", "")
    found = [(rule, example_of(of.seen, rule)) for rule in Rule]
    rows = [[rule.value, *_shown(each)] for rule, each in found if each is not None]
    yield from _table(("rule", *_SHOWN), rows, numbers=False)


def _windows(of: Figures, windows: Iterable[Seen]) -> Iterator[str]:
    count = sum(each.label is Cause.WINDOW for each in of.seen)
    words = (
        f"These lists hold {count or 'none'}: OpenRouter's records have had time windows only since later. So this one "
        "is **made up**: the first list is `tests/data/2026-10-26-windows.json`, the second one the same with the base "
        "prices of the other window."
    )
    yield from ("### Example: window", "", words, "")
    yield from _table(_SHOWN, map(_shown, windows), numbers=False)


_SHOWN = ("list before", "list after", "model", "field", "before", "after")


def _shown(each: Seen) -> list[object]:
    change = each.change
    field = f"`{change.field}`" if change.field else change.kind.value
    return [_stamp(each.before_at), _stamp(each.after_at), f"`{change.model}`", field, *_values(each)]


def _stamp(at: datetime | None) -> str:
    """As the files are named."""
    return "none" if at is None else f"`{at:%Y-%m-%dT%H%M%SZ}`"


def _values(each: Seen) -> tuple[str, str]:
    change = each.change
    if change.kind in WHOLE_MODEL:
        return ("listed", "not listed") if change.after is None else ("not listed", "listed")
    return _value(change.kind, change.before), _value(change.kind, change.after)


def _value(kind: ChangeKind, text: str | None) -> str:
    if text is None:
        return "not there"
    if kind is ChangeKind.DESCRIPTION:
        # The texts are OpenRouter's own.
        return f"{len(msgspec.json.decode(text, type=str))} characters"
    return f"`{text}`".replace("|", "\\|")


def _with_sums(rows: Iterable[Sequence[object]]) -> Iterator[list[object]]:
    for first, *numbers in rows:
        yield [first, *numbers, sum(number for number in numbers if isinstance(number, int))]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: bool = True) -> Iterator[str]:
    """Zeros are left out: what is there catches the eye."""
    yield _line(head)
    yield f"|---{('|--:' if numbers else '|---') * (len(head) - 1)}|"
    for row in rows:
        yield _line([_cell(cell) for cell in row])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) and cell else str(cell or "")
