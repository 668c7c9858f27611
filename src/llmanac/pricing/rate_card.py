"""All prices of one model, sorted once, so that each question after it is a look-up."""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime
from itertools import chain

import msgspec

from llmanac.catalogue.ids import ModelId, is_alias
from llmanac.catalogue.model import Model
from llmanac.catalogue.other_names import other_names
from llmanac.pricing.charge import Charges, charges, kind_of
from llmanac.pricing.conditions import DAY_MINUTES, WEEK_MINUTES
from llmanac.pricing.effective_rates import Stated, read_pricing

MAX_CHECKS = 1 << 16
"""Overrides times prompt lengths times parts of the week; the most observed are 6 × 26 (2026-10).

A record with more is answered with its base prices, each in doubt: sorting it would take without bound.
"""


class RateCard(msgspec.Struct, frozen=True):
    """The prices of one model. Make one with `rate_card`; it may be shared and kept as long as the record counts."""

    id: ModelId
    alias_of: str | None
    """Which model the alias stands for now; "" where the record does not say; None: it is no alias."""
    zero_is_free: bool
    """Whether a workload that comes to 0 costs nothing; else the model is priced by what was not asked for."""
    lengths: tuple[int, ...]
    """The prompt lengths, in tokens, above which other prices may be due, ascending."""
    edges: tuple[int, ...]
    """The minutes of the week, from Monday 00:00 UTC, at which other prices may begin; the first is 0."""
    cells: tuple[Charges, ...]
    """For each tier of lengths, shortest first: for each part of the week."""

    def place(self, prompt_length: int, minute: int) -> int:
        """The place in `cells` for a prompt of that many tokens at a minute of the week."""
        # A tier begins strictly above its threshold: the thresholds below the length are passed.
        return bisect_left(self.lengths, prompt_length) * len(self.edges) + bisect_right(self.edges, minute) - 1


def rate_card(model: Model) -> RateCard:
    """The prices of a model. Some 50 microseconds, so make it once per record."""
    stated = read_pricing(model.record)
    lengths, edges = _lengths(stated), _edges(stated)
    if len(stated.overrides) * (len(lengths) + 1) * len(edges) > MAX_CHECKS:
        stated, lengths, edges = Stated(stated.base, (), "more overrides than can be sorted"), (), (0,)
    kind = kind_of(model)
    cells = tuple(charges(stated.due(length, edge), kind) for length in (None, *lengths) for edge in edges)
    return RateCard(
        id=model.id,
        alias_of=_alias_of(model),
        zero_is_free=kind.zero_is_free,
        lengths=lengths,
        edges=edges,
        cells=cells,
    )


def minute_of_week(at: datetime) -> int:
    """Minutes since Monday 00:00 UTC, of an instant of any offset."""
    at = at.astimezone(UTC)
    return at.weekday() * DAY_MINUTES + at.hour * 60 + at.minute


def _lengths(stated: Stated) -> tuple[int, ...]:
    found = (override.conditions.more_than_tokens for override in stated.overrides)
    return tuple(sorted({length for length in found if length is not None}))


def _edges(stated: Stated) -> tuple[int, ...]:
    windows = chain.from_iterable(override.conditions.windows for override in stated.overrides)
    return tuple(sorted({0, *(edge % WEEK_MINUTES for window in windows for edge in (window.start, window.end))}))


def _alias_of(model: Model) -> str | None:
    if not is_alias(model.id):
        return None
    target = other_names(model.record).alias_target
    return "" if target is None else target.slug
