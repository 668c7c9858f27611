"""Which rate each count of a workload is billed at, and what to say where none is stated.

The rules stand here, one function each; `docs/concepts/cost.md` has an example of each.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from llmanac.catalogue.model import Model
from llmanac.catalogue.money import Price
from llmanac.pricing.tariff import EffectiveRate, Override

ONLY_TOKENS = frozenset({"text", "embeddings", "decision", "decisions"})
"""What is given out and paid for in nothing but tokens, so that 0 is free."""

TOKEN_OUTPUTS = ONLY_TOKENS | {"image"}
"""What is given out and counted in tokens; a model that gives images may have another price for those.

Speech, transcription, video and rerank models are priced per character, second, hour or search, and the list puts that
price into `prompt` or `completion` without its unit (2026-10: Whisper 0.0001 a second, another 0.36 an hour).
"""

BESIDE_TOKENS = TOKEN_OUTPUTS | {"audio"}
"""What has a price per token beside one of these; a model that gives audio alone has not been seen."""

LEAST_TOKENS_PER_IMAGE = 64
"""An `image` price of fewer `prompt` prices is that of a token: in all lists until 2026-10 it is either at most 2.25
times `prompt` (Gemini) or at least 256 times."""


class Reason(StrEnum):
    """Why a price is missing."""

    UNKNOWN = "unknown"
    """The rate is not stated."""
    DYNAMIC = "dynamic"
    """The price is decided per request."""
    UNIT = "unit"
    """The price is per a unit that these counts cannot be turned into."""
    CONDITION = "condition"
    """Another price may be due, under a condition that is not understood; a line has the price without it."""


class Unit(StrEnum):
    """What a rate is the price of."""

    TOKEN = "token"  # noqa: S105 - a unit, no password
    IMAGE = "image"
    SEARCH = "search"
    REQUEST = "request"


class Charge(msgspec.Struct, frozen=True, gc=False):
    """How one count is billed: at a price, or not for a reason."""

    rate: str
    unit: Unit
    price: Price | None = None
    amount: Decimal | None = None
    """The price as a number; None where there is none to use."""
    override: Override | None = None
    reason: Reason | None = None
    detail: str = ""
    assumed: str = ""
    """What this supposes."""


Charges = Mapping[str, Charge]
"""By count: the fields of a Workload, with `fresh_tokens` for the text that has nothing to do with the cache,
`spoken_tokens` for the completion without reasoning. Only where the rate is stated: `requests`, and
`audio_cache_read_tokens`, which no workload has."""


class PriceBasis(msgspec.Struct, frozen=True):
    """What of a model decides how its prices are read."""

    counts_tokens: bool
    """Whether what it gives is counted in tokens, or not known."""
    all_in_tokens: bool
    """Whether all that it gives has a price per token; others may have one that is not stated."""
    only_tokens: bool
    """Whether nothing but tokens is paid for."""
    zero_is_free: bool
    """Whether 0 is free; else it is priced by the images, audio or video that it gives."""


def price_basis(model: Model) -> PriceBasis:
    """From what it gives and its variant."""
    gives = frozenset(model.architecture.output_modalities)
    in_tokens = not gives.isdisjoint(TOKEN_OUTPUTS)
    return PriceBasis(
        counts_tokens=in_tokens or not gives,
        all_in_tokens=in_tokens and gives <= BESIDE_TOKENS,
        only_tokens=gives <= ONLY_TOKENS,
        zero_is_free=gives <= ONLY_TOKENS or model.variant == "free",
    )


def charges(due: Mapping[str, EffectiveRate], basis: PriceBasis) -> Charges:
    """How each count is billed at the prices that are due."""
    rates = _Rates(due, basis)
    found = {
        "fresh_tokens": rates.per("prompt"),
        "cache_read_tokens": rates.per_or("input_cache_read", "prompt", "tokens read from the cache"),
        "cache_write_tokens": rates.per_or("input_cache_write", "prompt", "tokens written to the cache"),
        # No other price bounds this one: an hour in the cache costs more than five minutes.
        "cache_write_1h_tokens": rates.per("input_cache_write_1h"),
        "spoken_tokens": rates.per("completion"),
        "reasoning_tokens": rates.per("internal_reasoning" if rates.has("internal_reasoning") else "completion"),
        "image_tokens_in": _image_tokens_in(rates),
        "images_in": _images_in(rates),
        "image_tokens_out": rates.per("image_output"),
        "images_out": _images_out(rates),
        # Audio costs more than text where both are stated, so the text's price is no bound for it.
        "audio_tokens_in": rates.per("audio"),
        "audio_tokens_out": rates.per("audio_output"),
        "web_searches": rates.per("web_search", Unit.SEARCH),
    }
    if rates.has("input_audio_cache"):
        found["audio_cache_read_tokens"] = rates.per("input_audio_cache")
    if rates.has("request"):
        found["requests"] = rates.per("request", Unit.REQUEST)
    return found


class _Rates:
    """The prices due, as charges."""

    def __init__(self, due: Mapping[str, EffectiveRate], basis: PriceBasis) -> None:
        self._due = due
        self._basis = basis

    def has(self, rate: str) -> bool:
        return rate in self._due

    def amount(self, rate: str) -> Decimal | None:
        """The number, also a dynamic one's -1; None where no price is stated or due."""
        due = self._due.get(rate)
        return None if due is None or due.price is None else due.price.amount

    def per(self, rate: str, unit: Unit = Unit.TOKEN) -> Charge:
        """At the price of this rate."""
        due = self._due.get(rate)
        if due is None:
            return Charge(rate, unit, reason=Reason.UNKNOWN, detail=f"`{rate}` is not stated")
        if due.price is None:
            return Charge(rate, unit, reason=Reason.CONDITION, detail=_doubted(rate, due.doubt))
        amount = due.price.amount
        if amount < 0:  # dynamic
            return Charge(rate, unit, reason=Reason.DYNAMIC, detail=f"`{rate}` is decided per request")
        if unit is Unit.TOKEN and not self._basis.counts_tokens and (amount or not self._basis.zero_is_free):
            return _not_per(unit, rate, f"`{rate}` is not per token: this model gives nothing in tokens")
        doubt = (Reason.CONDITION, _doubted(rate, due.doubt)) if due.doubt else (None, "")
        return Charge(rate, unit, due.price, amount, due.override, *doubt)

    def per_or(self, rate: str, other: str, what: str) -> Charge:
        """At the price of this rate, or of the other where it is not stated."""
        if self.has(rate):
            return self.per(rate)
        return msgspec.structs.replace(
            self.per(other), assumed=f"`{rate}` is not stated: {what} are billed as `{other}`"
        )

    @property
    def zero_is_free(self) -> bool:
        return self._basis.zero_is_free

    @property
    def image_is_per_image(self) -> bool:
        """Whether `image` is stated and is, as documented, the price of an image."""
        image, prompt = self.amount("image"), self.amount("prompt")
        return image is not None and (not image or not prompt or image >= LEAST_TOKENS_PER_IMAGE * prompt)


def _image_tokens_in(rates: _Rates) -> Charge:
    """At `image_token`, at an `image` that is a token's price, or as text; not where a price is per image."""
    token, prompt = rates.amount("image_token"), rates.amount("prompt")
    if rates.has("image_token"):
        if token and not prompt:
            return _not_per(
                Unit.TOKEN,
                "image_token",
                "`image_token` beside a `prompt` of 0 is not per token: what it is per is not stated",
            )
        return rates.per("image_token")
    if rates.has("image") and rates.image_is_per_image and rates.amount("image"):
        return _not_per(Unit.IMAGE, "image", "`image` is per image: say how many in `images_in`")
    if rates.has("image") and not rates.image_is_per_image:
        return msgspec.structs.replace(
            rates.per("image"), assumed="`image` is about the price of a token, and is read as one"
        )
    if not prompt and not rates.zero_is_free:
        return rates.per("image_token")
    return rates.per_or("image_token", "prompt", "tokens of images")


def _images_in(rates: _Rates) -> Charge:
    """At `image` where that is the price of an image; else their tokens are needed."""
    if rates.has("image") and rates.image_is_per_image:
        return rates.per("image", Unit.IMAGE)
    rate = "image" if rates.has("image") else "image_token"
    if not rates.has(rate) and not rates.amount("prompt"):
        if not rates.zero_is_free or not rates.has("prompt"):
            return rates.per("image", Unit.IMAGE)
        return msgspec.structs.replace(
            rates.per("prompt", Unit.IMAGE), assumed="`prompt` is 0: images cost nothing, however many tokens they have"
        )
    return _not_per(Unit.IMAGE, rate, "images are billed by their tokens: say how many those are in `image_tokens_in`")


def _images_out(rates: _Rates) -> Charge:
    """`image_output` is per token, whatever the document says of it: the prices fit nothing else."""
    if not rates.has("image_output"):
        return rates.per("image_output", Unit.IMAGE)
    return _not_per(
        Unit.IMAGE,
        "image_output",
        "`image_output` is per token: say how many tokens the images have in `image_tokens_out`",
    )


def _not_per(unit: Unit, rate: str, detail: str) -> Charge:
    return Charge(rate, unit, reason=Reason.UNIT, detail=detail)


def _doubted(rate: str, doubt: str) -> str:
    return f"another `{rate}` may be due, under a condition that is not understood: {doubt}"
