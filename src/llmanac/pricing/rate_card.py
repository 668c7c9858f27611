"""All prices of one model, sorted once, so that each question after it is a look-up."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from llmanac.catalogue.ids import ModelId, is_alias
from llmanac.catalogue.model import Model
from llmanac.catalogue.other_names import other_names
from llmanac.pricing.charge import Charges, charges, price_basis
from llmanac.pricing.conditions import DAY_MINUTES
from llmanac.pricing.stated import StatedPricing, read_pricing
from llmanac.pricing.tariff import EffectiveRate, prompt_lengths, week_edges

MAX_CHECKS = 1 << 16
"""Entries of a rate times prompt lengths times parts of the week; the most observed are 6 × 26 (2026-10).

A record with more is answered with its base prices, each in doubt: sorting it would take without bound.
"""


class RateCard(msgspec.Struct, frozen=True):
    """The prices of one model. Make one with `rate_card`; it may be shared and kept as long as the record counts."""

    id: ModelId
    alias_of: str | None
    """Which model the alias stands for now; "" where the record does not say; None: it is no alias."""
    zero_is_free: bool
    """Whether a workload that comes to 0 costs nothing; else the model is priced by what was not asked for."""
    doubtful: bool
    """Whether there are overrides that are not understood, so that some price may be another one."""
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
    stated = read_pricing(model.record).billed()
    entries = [entry for tariff in stated.tariffs.values() for entry in tariff.entries]
    lengths, edges = prompt_lengths(entries), week_edges(entries)
    most = max((len(tariff.entries) for tariff in stated.tariffs.values()), default=0)
    if most * (len(lengths) + 1) * (len(edges) - 1) > MAX_CHECKS:
        stated, lengths, edges = stated.without_overrides("more overrides than can be sorted"), [], week_edges(())
    basis = price_basis(model)
    return RateCard(
        id=model.id,
        alias_of=_alias_of(model),
        zero_is_free=basis.zero_is_free,
        doubtful=bool(stated.unreadable) or not all(entry.applied for entry in entries),
        lengths=tuple(lengths),
        edges=tuple(edges[:-1]),
        cells=tuple(charges(due, basis) for length in (None, *lengths) for due in _due_by_time(stated, length, edges)),
    )


def _due_by_time(
    stated: StatedPricing, more_than_tokens: int | None, edges: Sequence[int]
) -> Iterator[Mapping[str, EffectiveRate]]:
    """What is due of each rate from each edge to the next."""
    columns = {
        rate: tariff.effective(more_than_tokens, edges, stated.unreadable) for rate, tariff in stated.tariffs.items()
    }
    for place in range(len(edges) - 1):
        yield {rate: due for rate, column in columns.items() if (due := column[place]) is not None}


def minute_of_week(at: datetime) -> int:
    """Minutes since Monday 00:00 UTC, of an instant of any offset."""
    at = at.astimezone(UTC)
    return at.weekday() * DAY_MINUTES + at.hour * 60 + at.minute


def _alias_of(model: Model) -> str | None:
    if not is_alias(model.id):
        return None
    target = other_names(model.record).alias_target
    return "" if target is None else target.slug
