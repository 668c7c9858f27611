"""Where two models swap places as one count of a workload grows.

Between the tiers of prices both totals are straight lines, so two points of each piece give the exact place where they
meet. The points are quotes, so no rule of prices is written twice.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.cost.quote import quote
from llmanac.cost.workload import MAX_COUNT, Workload
from llmanac.pricing.rate_card import RateCard


class Axis(StrEnum):
    """Which count grows; all others stay as the workload has them."""

    CACHED = "cache_read_tokens"
    """From 0 to all input text that is not written to the cache; the prompt stays as long as it is."""
    OUTPUT = "completion_tokens"
    """From the reasoning tokens up."""
    PROMPT = "prompt_tokens"
    """From the cached tokens up, through all tiers."""


class Stretch(msgspec.Struct, frozen=True):
    """Whole counts for which the same model is the cheaper."""

    first: int
    last: int | None
    """None: without end."""
    cheaper: ModelId | None
    """None: both cost the same."""


class Swap(msgspec.Struct, frozen=True):
    """A count at which both cost the same: on the one side of it one is cheaper, on the other the other."""

    at: Fraction
    """Exact, so seldom a whole number of tokens."""
    output_share: Fraction
    """Output tokens of all tokens there, from 0 to 1."""
    output_per_input: Fraction | None
    """Output tokens per input token there; None without input."""


class BreakEven(msgspec.Struct, frozen=True):
    """How two models compare along an axis.

    They never swap where there is one stretch. Where there are more stretches than swaps and one, the price of a tier
    jumps: then they swap from one count to the next without costing the same between.
    """

    axis: Axis
    stretches: tuple[Stretch, ...]
    swaps: tuple[Swap, ...]


class Incomparable(msgspec.Struct, frozen=True):
    """A count at which one of the two cannot be priced in full."""

    at: int
    id: ModelId


def break_even(
    one: RateCard, other: RateCard, workload: Workload, axis: Axis, *, now: datetime
) -> BreakEven | Incomparable:
    """Where two models swap: O(tiers) quotes."""
    along = _Along(one, other, workload, axis, now)
    try:
        for first, last in _pieces(one, other, workload, axis):
            along.walk(first, last)
    except _IncompleteError as incomplete:
        return incomplete.where
    return BreakEven(axis, tuple(along.stretches), tuple(_swap(workload, axis, at) for at in along.swaps()))


class _IncompleteError(Exception):
    def __init__(self, where: Incomparable) -> None:
        self.where = where


class _Along:
    """How much more the one costs than the other, at each count."""

    def __init__(self, one: RateCard, other: RateCard, workload: Workload, axis: Axis, now: datetime) -> None:
        self._cards, self._workload, self._axis, self._now = (one, other), workload, axis, now
        self._meetings: list[Fraction] = []
        self.stretches: list[Stretch] = []

    def walk(self, first: int, last: int | None) -> None:
        """Goes along a piece without tiers, which follows the pieces before it."""
        at_first = self._more(first)
        slope = Fraction(0) if last == first else self._more(first + 1) - at_first
        meeting = first - at_first / slope if slope else None
        if meeting is None or meeting < first or (last is not None and meeting > last):
            self._add(first, last, at_first)
            return
        self._meetings.append(meeting)
        before, after = -(-meeting // 1) - 1, meeting // 1 + 1
        self._add(first, before, at_first)
        self._add(before + 1, after - 1, Fraction(0))
        self._add(after, last, slope)

    def swaps(self) -> Iterator[Fraction]:
        """The meetings before and after which different models are the cheaper."""
        decided = [stretch for stretch in self.stretches if stretch.cheaper is not None]
        for meeting in self._meetings:
            before = [stretch.cheaper for stretch in decided if stretch.first < meeting]
            after = [stretch.cheaper for stretch in decided if stretch.last is None or stretch.last > meeting]
            if before and after and before[-1] != after[0]:
                yield meeting

    def _add(self, first: int, last: int | None, more: Fraction) -> None:
        if last is not None and last < first:
            return
        one, other = (card.id for card in self._cards)
        cheaper = None if not more else other if more > 0 else one
        if self.stretches and self.stretches[-1].cheaper == cheaper:
            self.stretches[-1] = Stretch(self.stretches[-1].first, last, cheaper)
        else:
            self.stretches.append(Stretch(first, last, cheaper))

    def _more(self, count: int) -> Fraction:
        amounts = []
        for card in self._cards:
            found = quote(card, _with(self._workload, self._axis, count), now=self._now)
            if found.total is None:
                raise _IncompleteError(Incomparable(count, card.id))
            amounts.append(Fraction(found.total))
        return amounts[0] - amounts[1]


def _with(workload: Workload, axis: Axis, count: int) -> Workload:
    """The workload with another count; a cached token more is a fresh one less."""
    if axis is Axis.CACHED and not workload.input_includes_cache:
        fresh = workload.fresh_tokens + workload.cache_read_tokens - count
        return msgspec.structs.replace(workload, cache_read_tokens=count, prompt_tokens=fresh)
    return msgspec.structs.replace(workload, **{axis.value: count})


def _pieces(one: RateCard, other: RateCard, workload: Workload, axis: Axis) -> Iterator[tuple[int, int | None]]:
    """Ranges of counts within each of which both totals are straight lines."""
    if axis is Axis.CACHED:
        yield 0, workload.fresh_tokens + workload.cache_read_tokens
        return
    first = workload.reasoning_tokens
    if axis is Axis.PROMPT:
        first = workload.cached_tokens if workload.input_includes_cache else 0
        beside = workload.prompt_length - workload.prompt_tokens
        for length in sorted({*one.lengths, *other.lengths}):
            last = length - beside
            if first <= last < MAX_COUNT:
                yield first, last
                first = last + 1
    # Of a count that is as large as any may be there is no next one, to see where the line goes.
    yield first, None if first < MAX_COUNT else first


def _swap(workload: Workload, axis: Axis, at: Fraction) -> Swap:
    out = Fraction(workload.completion_tokens + workload.image_tokens_out + workload.audio_tokens_out)
    into = Fraction(workload.prompt_length)
    if axis is Axis.OUTPUT:
        out += at - workload.completion_tokens
    elif axis is Axis.PROMPT:
        into += at - workload.prompt_tokens
    return Swap(at, out / (out + into) if out + into else Fraction(0), out / into if into else None)
