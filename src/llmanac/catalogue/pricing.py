"""All rates of one model."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from llmanac.catalogue.money import Price, PriceState, price_state

LISTED_RATES = (
    "prompt",
    "completion",
    "image",
    "request",
    "web_search",
    "internal_reasoning",
    "input_cache_read",
    "input_cache_write",
)
"""The rates of the contract's MODEL, in its order."""

OTHER_RATES = (
    "input_cache_write_1h",
    "audio",
    "input_audio_cache",
    "audio_output",
    "image_token",
    "image_output",
)
"""Rates upstream sends beyond the contract's (documented or observed until 2026-10)."""

_NO_RATES: Mapping[str, Price] = MappingProxyType({})


class Pricing(msgspec.Struct, frozen=True, gc=False):
    """The base rates, by upstream's name, in upstream's order. A rate that is not stated is not there.

    Conditional prices (`overrides`) stay in `Model.record` untouched.
    """

    rates: Mapping[str, Price] = _NO_RATES

    def rate(self, name: str) -> Price | None:
        """The price of a rate, or None when upstream states none."""
        return self.rates.get(name)

    @property
    def state(self) -> PriceState:
        """What is known of prompt and completion together: dynamic if either is, unknown unless both are stated."""
        states = {price_state(self.rate("prompt")), price_state(self.rate("completion"))}
        for state in (PriceState.DYNAMIC, PriceState.UNKNOWN, PriceState.KNOWN):
            if state in states:
                return state
        return PriceState.ZERO
