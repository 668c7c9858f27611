"""What a record's `pricing` states, rate by rate. Members that are no price are as if they were not there."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from llmanac.catalogue.money import Price, price_of_json
from llmanac.catalogue.record import members
from llmanac.pricing.conditions import read_conditions, split_entry
from llmanac.pricing.tariff import Entry, Override, Tariff

NO_RATES = frozenset({"overrides", "discount"})
"""Members of `pricing` that are no price: `discount` is information, the listed prices are already after it."""

FILLING = "request"
"""Records that state this rate fill in "0" for rates without a price of their own (all lists until January 2026, a few
records until March): there a 0 of any other rate than `prompt` and `completion` says nothing, not that it is free."""

_NEVER_FILLED = frozenset({"prompt", "completion"})

_entries = msgspec.json.Decoder(list[dict[str, msgspec.Raw]] | None)


class StatedPricing(msgspec.Struct, frozen=True):
    """All rates of a record."""

    tariffs: Mapping[str, Tariff]
    """By upstream's name, in upstream's order."""
    unreadable: str = ""
    """Why overrides are not among them, so that every base price is in doubt; empty: they are."""

    def billed(self) -> "StatedPricing":
        """Without the base prices that say nothing (`FILLING`)."""
        filling = self.tariffs.get(FILLING)
        if filling is None or filling.base is None:
            return self
        meant = {
            rate: tariff
            if rate in _NEVER_FILLED or tariff.base is None or tariff.base.amount
            else Tariff(None, tariff.entries)
            for rate, tariff in self.tariffs.items()
        }
        return StatedPricing(_that_state_a_price(meant), self.unreadable)

    def without_overrides(self, why: str) -> "StatedPricing":
        """The base prices alone, all of them in doubt."""
        return StatedPricing(
            _that_state_a_price({rate: Tariff(tariff.base, ()) for rate, tariff in self.tariffs.items()}), why
        )


def read_pricing(record: bytes) -> StatedPricing:
    """What a record states, zeros that only fill it with the rest."""
    raw = members(record).get("pricing", b"null")
    pricing = members(raw) if raw[:1] == b"{" else {}
    base = _prices(pricing)
    entries: dict[str, list[Entry]] = {}
    unreadable = ""
    try:
        overrides = _entries.decode(pricing.get("overrides", b"null"))
    except msgspec.DecodeError:
        overrides, unreadable = None, "overrides is no list of objects"
    for each in overrides or ():
        conditions, prices = split_entry({name: bytes(value) for name, value in each.items()})
        override = _override(conditions)
        for rate, price in _prices(prices).items():
            entries.setdefault(rate, []).append(Entry(override, price))
    rates = dict.fromkeys((*base, *entries))
    return StatedPricing(
        MappingProxyType({rate: Tariff(base.get(rate), tuple(entries.get(rate, ()))) for rate in rates}), unreadable
    )


def tariffs(record: bytes) -> Mapping[str, Tariff]:
    """The tariff of each rate that a record states, by upstream's name, in upstream's order."""
    return read_pricing(record).tariffs


def _prices(stated: Mapping[str, bytes]) -> dict[str, Price]:
    return {
        name: price
        for name, value in stated.items()
        if name not in NO_RATES and (price := price_of_json(value)) is not None
    }


def _override(stated: Mapping[str, bytes]) -> Override:
    text = msgspec.json.format(
        msgspec.json.encode({name: msgspec.Raw(value) for name, value in stated.items()}), indent=-1
    )
    return Override(read_conditions(stated), text)


def _that_state_a_price(found: Mapping[str, Tariff]) -> Mapping[str, Tariff]:
    return {rate: tariff for rate, tariff in found.items() if tariff.base is not None or tariff.entries}
