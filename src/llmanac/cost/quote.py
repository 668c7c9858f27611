"""What a workload costs at one model, line by line.

    quote(rate_card(model), Workload(prompt_tokens=1000), now=clock.now())

Exact: every amount is a product and every total a sum without rounding. What is not known is named and never counted
as zero.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.cost.workload import MAX_PARTS, Week, Workload
from llmanac.errors import InvalidBody
from llmanac.pricing.charge import Charge, Charges, Reason, Unit
from llmanac.pricing.conditions import WEEK_MINUTES
from llmanac.pricing.decimal_math import product, total
from llmanac.pricing.rate_card import RateCard, minute_of_week

__all__ = ["Line", "Missing", "Quote", "Reason", "quote"]


class Missing(msgspec.Struct, frozen=True):
    """One thing that keeps a quote from being complete."""

    rate: str
    reason: Reason
    detail: str
    """For a person: what is missing, and what would help."""


class Line(msgspec.Struct, frozen=True):
    """One rate at one price under one condition, for all requests together."""

    rate: str
    """Upstream's name of the rate whose price is used."""
    unit: str
    """`token`, `image`, `search` or `request`."""
    price: str
    """USD per unit as upstream sent it, byte for byte."""
    condition: bytes | None
    """The conditions of the override the price stands in, a JSON object; None: it is a base price."""
    why: str
    """What those conditions say, in words; empty for a base price."""
    quantity: Decimal
    amount: Decimal
    """USD, exact."""


class Quote(msgspec.Struct, frozen=True):
    """What one model would charge."""

    id: ModelId
    lines: tuple[Line, ...]
    """Those of a workload in a fixed order: what goes in, what comes out, searches, requests."""
    known_total: Decimal
    """The sum of the lines."""
    missing: tuple[Missing, ...]
    assumed: tuple[str, ...]
    """What was taken to be so because the record does not say it."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    @property
    def total(self) -> Decimal | None:
        """The sum of the lines, or None where something is missing."""
        return self.known_total if self.complete else None


def quote(card: RateCard, workload: Workload | Sequence[Workload], *, now: datetime) -> Quote:
    """What a workload, or several together, would cost.

    Args:
        now: The instant of a Workload that states none.

    Raises:
        InvalidBody: There are more than `MAX_PARTS` workloads.
    """
    parts = (workload,) if isinstance(workload, Workload) else workload
    if len(parts) > MAX_PARTS:
        raise InvalidBody(
            f"At most {MAX_PARTS} workloads are priced together, got {len(parts)}", code="TOO_MANY_WORKLOADS"
        )
    found = _Found(card)
    for part in parts:
        length = part.prompt_length
        for minute, requests in _begun(card, part, now):
            found.add(part, card.cells[card.place(length, minute)], requests)
    return found.quote()


def billed(workload: Workload, charges: Charges) -> Iterator[tuple[int, Charge]]:
    """What one request is billed for: how many of what, at which charge. Counts of 0 are left out."""
    images = workload.images_in
    image_tokens = workload.image_tokens_in
    if images and image_tokens:
        # Images are billed once: by the piece where that has a price, else by their tokens.
        if charges["images_in"].amount:
            image_tokens = 0
        else:
            images = 0
    counts = (
        ("fresh_tokens", workload.fresh_tokens),
        ("cache_read_tokens", workload.cache_read_tokens),
        ("cache_write_tokens", workload.cache_write_tokens),
        ("cache_write_1h_tokens", workload.cache_write_1h_tokens),
        ("images_in", images),
        ("image_tokens_in", image_tokens),
        ("audio_tokens_in", workload.audio_tokens_in),
        ("spoken_tokens", workload.completion_tokens - workload.reasoning_tokens),
        ("reasoning_tokens", workload.reasoning_tokens),
        ("images_out", 0 if workload.image_tokens_out else workload.images_out),
        ("image_tokens_out", workload.image_tokens_out),
        ("audio_tokens_out", workload.audio_tokens_out),
        ("web_searches", workload.web_searches),
        ("requests", 1 if "requests" in charges else 0),
    )
    return ((count, charges[name]) for name, count in counts if count)


def _begun(card: RateCard, workload: Workload, now: datetime) -> Iterator[tuple[int, int]]:
    """Minutes of the week and how many requests begin at the prices of each."""
    if not isinstance(workload.at, Week):
        yield (minute_of_week(workload.at or now) if len(card.edges) > 1 else 0), workload.requests
        return
    hours = workload.at.hours
    for start, end in pairwise((*card.edges, WEEK_MINUTES)):
        requests = sum(
            _before(min(end - 60 * hour, 60), hours[hour]) - _before(max(start - 60 * hour, 0), hours[hour])
            for hour in range(start // 60, -(-end // 60))
        )
        if requests:
            yield start, requests


def _before(minute: int, requests: int) -> int:
    """How many of an hour's requests begin before that minute of it; they begin at even distances, from 0 on."""
    return -(-requests * minute // 60)


class _Found:
    """The lines of a quote as they are added up."""

    def __init__(self, card: RateCard) -> None:
        self._card = card
        self._lines: dict[tuple[str, str, str, bytes | None], tuple[Charge, int]] = {}
        self._missing: dict[tuple[str, Reason], Missing] = {}
        self._assumed: dict[str, None] = {}
        self._asked = False
        if card.alias_of is not None:
            self._assumed[_alias_text(card)] = None

    def add(self, workload: Workload, charges: Charges, requests: int) -> None:
        if not requests:
            return
        for count, charge in billed(workload, charges):
            self._asked = self._asked or charge.unit is not Unit.REQUEST
            if charge.reason is not None:
                self._missing.setdefault(
                    (charge.rate, charge.reason), Missing(charge.rate, charge.reason, charge.detail)
                )
            if charge.price is None:
                continue
            condition = charge.override.stated if charge.override else None
            key = (charge.rate, charge.unit, charge.price.text, condition)
            _, before = self._lines.get(key, (charge, 0))
            self._lines[key] = (charge, before + count * requests)
            if charge.assumed:
                self._assumed[charge.assumed] = None
        self._say_of_images(workload, charges)

    def quote(self) -> Quote:
        lines = tuple(_line(charge, quantity) for charge, quantity in self._lines.values())
        known = total(line.amount for line in lines)
        missing = tuple(self._missing.values())
        if self._asked and not known and not missing and not self._card.zero_is_free:
            detail = "`prompt` and `completion` of 0 do not make it free: it is priced by what it gives besides text"
            missing = (Missing("completion", Reason.UNIT, detail),)
        return Quote(self._card.id, lines, known, missing, tuple(self._assumed))

    def _say_of_images(self, workload: Workload, charges: Charges) -> None:
        if workload.images_out and workload.image_tokens_out and charges["image_tokens_out"].price:
            images = "1 image out is" if workload.images_out == 1 else f"{workload.images_out} images out are"
            self._assumed[f"{images} priced as the {workload.image_tokens_out} tokens stated"] = None
        if workload.images_in and not workload.image_tokens_in and self._card.lengths:
            self._assumed["the tokens of images do not count in the length of the prompt, as they are not stated"] = (
                None
            )


def _line(charge: Charge, quantity: int) -> Line:
    assert charge.price is not None, "only charges with a price become lines"
    assert charge.amount is not None, "a price that is used has an amount"
    override = charge.override
    return Line(
        rate=charge.rate,
        unit=charge.unit,
        price=charge.price.text,
        condition=override.stated if override else None,
        why=override.conditions.words if override else "",
        quantity=Decimal(quantity),
        amount=product(Decimal(quantity), charge.amount),
    )


def _alias_text(card: RateCard) -> str:
    target = f", which now stands for {card.alias_of}" if card.alias_of else ""
    return f"{card.id} is an alias{target}: its price changes with the model it stands for"
