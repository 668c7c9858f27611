"""Which price is due for a length of prompt at a time: what a record's `pricing` says, rate by rate.

An override applies when all its conditions hold; of those that apply the last one that states a rate wins; where none
does, the base price counts (OpenRouter's document, August 2026).
"""

from collections.abc import Mapping

import msgspec

from llmanac.catalogue.money import Price, same_price
from llmanac.catalogue.record import members
from llmanac.pricing.conditions import Conditions, read_conditions, split_entry
from llmanac.pricing.tariff import NO_RATES, price_of, without_filled_zeros

_entries = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


class Override(msgspec.Struct, frozen=True):
    """An entry of `pricing.overrides`."""

    conditions: Conditions
    stated: bytes
    """The conditions as a JSON object without white space, each value as upstream spells it."""
    rates: Mapping[str, Price]
    why: str
    """What the conditions say, in words; empty when they are not understood."""

    @property
    def unknown(self) -> str:
        """The conditions that are not understood, as text; empty when all are."""
        return ", ".join(self.conditions.unknown)

    def may_apply(self, more_than_tokens: int | None, minute: int) -> bool:
        """Whether every condition that is understood holds for a prompt of more tokens than this at that minute."""
        least = self.conditions.more_than_tokens
        if least is not None and (more_than_tokens is None or more_than_tokens < least):
            return False
        if not self.conditions.windows:
            return bool(self.conditions.unknown)
        return any(window.start <= minute < window.end for window in self.conditions.windows)


class Due(msgspec.Struct, frozen=True):
    """The price of one rate for one length of prompt at one time."""

    price: Price | None
    """None: it is only stated under conditions that do not hold or are not understood."""
    override: Override | None
    """Where the price stands; None: among the base prices."""
    doubt: str
    """Conditions that are not understood and decide whether this price is the one; empty: there are none."""


class Stated(msgspec.Struct, frozen=True):
    """The prices that a record states, as they are read from it."""

    base: Mapping[str, Price]
    overrides: tuple[Override, ...]
    unreadable: str
    """Why `overrides` could not be read, so that every base price is in doubt; empty: it could."""

    def due(self, more_than_tokens: int | None, minute: int) -> dict[str, Due]:
        """By rate, for a prompt of more tokens than this (None: a short one) at a minute of the week."""
        found = {rate: Due(price, None, self.unreadable) for rate, price in self.base.items()}
        for override in self.overrides:
            if not override.may_apply(more_than_tokens, minute):
                continue
            for rate, price in override.rates.items():
                before = found.get(rate)
                if not override.unknown:
                    found[rate] = Due(price, override, "")
                elif before is None:
                    found[rate] = Due(None, None, override.unknown)
                elif before.price is None or not same_price(before.price, price):
                    found[rate] = Due(before.price, before.override, before.doubt or override.unknown)
        return found


def read_pricing(record: bytes) -> Stated:
    """What a record states. Members that are no price are as if they were not there."""
    raw = members(record).get("pricing", b"null")
    pricing = members(raw) if raw[:1] == b"{" else {}
    base: Mapping[str, Price] = {
        name: price
        for name, value in pricing.items()
        if name not in NO_RATES and (price := price_of(value)) is not None
    }
    base = without_filled_zeros(base)
    stated = pricing.get("overrides", b"null")
    if stated == b"null":
        return Stated(base, (), "")
    try:
        entries = _entries.decode(stated)
    except msgspec.DecodeError:
        return Stated(base, (), "overrides is no list of objects")
    return Stated(base, tuple(_override({name: bytes(raw) for name, raw in entry.items()}) for entry in entries), "")


def _override(entry: Mapping[str, bytes]) -> Override:
    stated, rates = split_entry(entry)
    stated_text = msgspec.json.format(
        msgspec.json.encode({name: msgspec.Raw(value) for name, value in stated.items()}), indent=-1
    )
    conditions = read_conditions(stated)
    prices = {
        rate: price for rate, value in rates.items() if rate not in NO_RATES and (price := price_of(value)) is not None
    }
    return Override(
        conditions=conditions,
        stated=stated_text,
        rates=prices,
        why="" if conditions.unknown else _why(stated_text),
    )


def _why(stated: bytes) -> str:
    known = msgspec.json.decode(stated, type=_Known)
    parts: list[str] = []
    if known.min_prompt_tokens is not None:
        parts.append(f"the prompt has more than {known.min_prompt_tokens} tokens")
    days = "" if known.utc_days is None else f" on {', '.join(known.utc_days) or 'no day'}"
    hours = (
        f" from {_clock(known.utc_start)} to before {_clock(known.utc_end)} UTC"
        if known.utc_start is not None and known.utc_end is not None
        else ""
    )
    if days or hours:
        parts.append(f"the request begins{days}{hours}")
    return " and ".join(parts)


def _clock(hhmm: int) -> str:
    return f"{hhmm // 100:02}:{hhmm % 100:02}"


class _Known(msgspec.Struct):
    min_prompt_tokens: int | None = None
    utc_days: list[str] | None = None
    utc_start: int | None = None
    utc_end: int | None = None
