"""The ledger's sums → the report: rows, totals, and what is missing, assumed or wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from llmanac.catalogue.money import plain
from llmanac.pricing.decimal_math import less, total
from llmanac.usage.call import BadLine, Notes
from llmanac.usage.cell import Cell
from llmanac.usage.ledger import Ledger

_NOTHING = Decimal(0)
MAX_SHOWN_BAD = 20
"""Bad lines that are told one by one; the others are counted."""


class Gap(msgspec.Struct, frozen=True):
    """What keeps a total from being whole."""

    rate: str
    reason: str
    calls: int


class UsageRow(msgspec.Struct, frozen=True):
    """Some calls together. `total` is null where something is missing; amounts are exact, in USD.

    `stated_total` is what the provider said of `stated_calls` of them, and `difference` what we count for those more
    than it said.
    """

    model: str | None
    period: str | None
    calls: int
    prompt_tokens: int
    cache_read_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    total: str | None
    known_total: str
    complete: bool
    missing: tuple[Gap, ...]
    stated_calls: int
    stated_total: str | None
    difference: str | None


class UnpricedCalls(msgspec.Struct, frozen=True):
    """Calls without a price, with ids that look like the name where that is of no model."""

    name: str
    reason: str
    near: tuple[str, ...]
    calls: int


class Assumed(msgspec.Struct, frozen=True):
    """What was taken to be so; `calls` where it is known of how many."""

    text: str
    calls: int | None


class UsageReport(msgspec.Struct, frozen=True):
    """All of it. Nothing is lost: calls in rows, unpriced calls, repeats, lines without a call and bad ones add up."""

    lines: int
    """All that are not empty."""
    whole: bool
    """Whether no line was bad, and every call has a complete price."""
    sum: UsageRow
    rows: tuple[UsageRow, ...]
    unpriced_calls: int
    unpriced: tuple[UnpricedCalls, ...]
    bad_lines: int
    bad: tuple[BadLine, ...]
    """The first of them."""
    no_calls: int
    """Lines without a usage, such as what a user said in an agent's log."""
    repeated: int
    """Lines that repeat a call that was counted."""
    assumed: tuple[Assumed, ...]


class BadLines:
    """Counts lines that are no calls, and keeps the first that are bad."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[BadLine] = []
        self.notes = Notes()
        self.repeated = 0
        """Lines that repeat a call that was counted."""

    def add(self, bad: Sequence[BadLine]) -> None:
        """Some more."""
        self.count += len(bad)
        self.first += bad[: MAX_SHOWN_BAD - len(self.first)]


def make_report(ledger: Ledger, bad: BadLines, *, by_model: bool, now: datetime) -> UsageReport:
    """The report; a quote for each cell."""
    sums: dict[tuple[str | None, str | None], _Sum] = {}
    everything = _Sum()
    for cell in ledger.cells:
        key = (cell.id if by_model else None, cell.period or None)
        priced = _Sum.of(cell, now)
        sums.setdefault(key, _Sum()).add(priced)
        everything.add(priced)
    rows = [found.row(model, period) for (model, period), found in sums.items()]
    unpriced = sum(ledger.unpriced.values())
    whole = everything.row(None, None)
    return UsageReport(
        lines=whole.calls + unpriced + bad.count + bad.notes.no_calls + bad.repeated,
        whole=whole.complete and not unpriced and not bad.count,
        sum=whole,
        rows=tuple(sorted(rows, key=lambda row: (row.period or "", row.model or ""))),
        unpriced_calls=unpriced,
        unpriced=tuple(
            UnpricedCalls(why.name, why.reason, why.near, calls)
            for why, calls in sorted(ledger.unpriced.items(), key=lambda each: (-each[1], each[0].name, each[0].reason))
        ),
        bad_lines=bad.count,
        bad=tuple(bad.first),
        no_calls=bad.notes.no_calls,
        repeated=bad.repeated,
        assumed=tuple(_assumed({**ledger.assumed, **_noted(bad.notes)}, everything.assumed)),
    )


class _Sum:
    """What several cells come to."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.known = self.stated = self.compared = _NOTHING
        self.missing: Counter[tuple[str, str]] = Counter()
        self.assumed: Counter[str] = Counter()

    @classmethod
    def of(cls, cell: Cell, now: datetime) -> "_Sum":
        made, quoted = cls(), cell.quote(now)
        made.counts.update(
            calls=cell.calls,
            prompt=cell.all_prompt,
            cached=cell.cached,
            completion=cell.all_completion,
            reasoning=cell.reasoning,
        )
        made.known = quoted.known_total
        for missing in quoted.missing:
            made.missing[missing.rate, missing.reason] += cell.calls
        for text in quoted.assumed:
            made.assumed[f"{cell.id}: {text}"] += cell.calls
        if cell.stated is not None:
            made.stated, made.compared = cell.stated, quoted.known_total
            made.counts.update(stated=cell.calls)
        return made

    def add(self, other: "_Sum") -> None:
        self.counts.update(other.counts)
        self.known = total((self.known, other.known))
        self.stated = total((self.stated, other.stated))
        self.compared = total((self.compared, other.compared))
        self.missing.update(other.missing)
        self.assumed.update(other.assumed)

    def row(self, model: str | None, period: str | None) -> UsageRow:
        count = self.counts
        has_stated = bool(count["stated"])
        return UsageRow(
            model=model,
            period=period,
            calls=count["calls"],
            prompt_tokens=count["prompt"],
            cache_read_tokens=count["cached"],
            completion_tokens=count["completion"],
            reasoning_tokens=count["reasoning"],
            total=None if self.missing else plain(self.known),
            known_total=plain(self.known),
            complete=not self.missing,
            missing=tuple(Gap(rate, reason, calls) for (rate, reason), calls in sorted(self.missing.items())),
            stated_calls=count["stated"],
            stated_total=plain(self.stated) if has_stated else None,
            difference=plain(less(self.compared, self.stated)) if has_stated else None,
        )


def _noted(notes: Notes) -> dict[str, int]:
    words = "a date alone is its first instant, 00:00 UTC: prices that differ by the hour may be others"
    said = {words: notes.days} if notes.days else {}
    return said | {f"the count {name} is of no known kind and is not priced": n for name, n in notes.unread.items()}


def _assumed(said: dict[str, int], quoted: Counter[str]) -> Iterable[Assumed]:
    for text, calls in sorted({**said, **quoted}.items()):
        yield Assumed(text, calls)
