"""What a model's prices were from when to when."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from llmanac.catalogue.change import Change
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.history.apply import record_versions
from llmanac.pricing.rate_card import RateCard, rate_card
from llmanac.usage.instants import instant_of, us_of

PRICED_FIELDS = ("", "pricing", "architecture", "alias_target")
"""The members of a record, and the model as a whole, that a rate card is made from."""

Decode = Callable[[bytes], Model | None]


class Span(msgspec.Struct, frozen=True):
    """From one list up to the next that differs (None: it lasts), in microseconds since 1970; half-open.

    `card` is None where the record is not understood.
    """

    since_us: int
    until_us: int | None
    card: RateCard | None


class Timeline(msgspec.Struct, frozen=True):
    """The spans in which a model was listed, in order."""

    id: ModelId
    spans: tuple[Span, ...]
    starts: tuple[int, ...]
    """Their beginnings, to search in."""

    def at(self, us: int) -> int | None:
        """The place of the span an instant lies in, or None where the model was not listed."""
        place = bisect_right(self.starts, us) - 1
        if place < 0:
            return None
        until = self.spans[place].until_us
        return place if until is None or us < until else None

    def nearest(self, us: int) -> int:
        """The place of the span before an instant, or the first."""
        return max(0, bisect_right(self.starts, us) - 1)

    def why_not(self, us: int) -> str:
        """Why an instant lies in no span."""
        first, last = self.spans[0], self.spans[-1]
        if us < first.since_us:
            return f"before {_exact(first.since_us)}, when it is first known"
        if last.until_us is not None and us >= last.until_us:
            return f"after {_exact(last.until_us)}, when it was no longer listed"
        return "while it was not listed"

    @property
    def edges(self) -> tuple[int, ...]:
        """The instants at which something begins or ends."""
        ends = (span.until_us for span in self.spans if span.until_us is not None)
        return tuple(sorted({*self.starts, *ends}))


def make_timeline(model: ModelId, seen: Iterable[tuple[datetime, Change]], decode: Decode) -> Timeline | None:
    """The timeline from the changes of one model, in time order; None when it was never listed.

    Neighbours with the same prices are one span. O(changes × size of a record).

    Args:
        seen: Those of `PRICED_FIELDS`; others do no harm.
        decode: A record → its model.
    """
    return timeline_of(model, tuple(_merged(_spans(seen, decode))))


def timeline_of(model: ModelId, spans: Sequence[Span]) -> Timeline | None:
    """The timeline of these spans, if there are any."""
    return Timeline(model, tuple(spans), tuple(span.since_us for span in spans)) if spans else None


def _spans(seen: Iterable[tuple[datetime, Change]], decode: Decode) -> Iterator[Span]:
    for period, record in record_versions(seen):
        model = decode(record)
        until_us = None if period.until is None else us_of(period.until)
        yield Span(us_of(period.since), until_us, None if model is None else rate_card(model))


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    kept: Span | None = None
    for span in spans:
        if kept is not None and kept.until_us == span.since_us and kept.card == span.card:
            kept = Span(kept.since_us, span.until_us, kept.card)
            continue
        if kept is not None:
            yield kept
        kept = span
    if kept is not None:
        yield kept


def _exact(us: int) -> str:
    return instant_of(us).isoformat(timespec="seconds").replace("+00:00", "Z")
