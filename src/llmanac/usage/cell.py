"""Calls that cost alike, added up: one model, one period of the report, one price for everything.

Within a cell what a call costs is linear in its counts, so the sums cost what the calls cost together, to the last
digit, and a million calls take a few thousand quotes.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.cost.quote import Quote, quote
from llmanac.cost.workload import MAX_COUNT, Workload
from llmanac.pricing.rate_card import RateCard
from llmanac.usage.call import Extras

_NOTHING = Decimal(0)
_WITHIN = {
    "cache_write": "cache_write_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "images_in": "images_in",
    "images_out": "images_out",
    "image_in": "image_tokens_in",
    "image_out": "image_tokens_out",
    "audio_in": "audio_tokens_in",
    "audio_out": "audio_tokens_out",
    "web_searches": "web_searches",
}
"""The counts of `Extras`, as a Workload calls them."""


class Cell:
    """The sums. They are attributes, since millions of calls are added to them one by one."""

    __slots__ = ("cached", "calls", "card", "completion", "extras", "id", "period", "prompt", "reasoning", "stated")

    def __init__(self, model: ModelId, period: str, card: RateCard) -> None:
        self.id = model
        self.period = period
        self.card = card
        """With one price for everything: no tiers and no times."""
        self.calls = self.prompt = self.completion = self.cached = self.reasoning = 0
        self.extras: dict[str, int] = {}
        self.stated: Decimal | None = None
        """What the provider said that all of these calls cost; None: nothing."""

    def add_extras(self, extras: Extras) -> None:
        """Add what few calls have."""
        for name in extras.__struct_fields__:
            count: int = getattr(extras, name)
            if count:
                self.extras[name] = self.extras.get(name, 0) + count

    @property
    def all_prompt(self) -> int:
        """Tokens of every kind that went in."""
        return self.prompt + self.extras.get("image_in", 0) + self.extras.get("audio_in", 0)

    @property
    def all_completion(self) -> int:
        """Tokens of every kind that came out."""
        return self.completion + self.extras.get("image_out", 0) + self.extras.get("audio_out", 0)

    def quote(self, now: datetime) -> Quote:
        """What all calls of the cell cost together."""
        return quote(self.card, tuple(self._workloads()), now=now)

    def _workloads(self) -> Iterator[Workload]:
        """The sums as one request, as several where they are larger than a count may be; and the other requests."""
        apart = {_WITHIN[name]: count for name, count in self.extras.items()}
        cached = self.cached + apart.get("cache_write_tokens", 0) + apart.get("cache_write_1h_tokens", 0)
        parts = max(1, -(-max(self.prompt, self.completion, *apart.values(), 0) // MAX_COUNT))
        for part in range(parts):
            share = {name: _share(count, part, parts) for name, count in apart.items()}
            reasoning = _share(self.reasoning, part, parts)
            yield Workload(
                # Cut by parts that hold no other, for what holds them to hold them still.
                prompt_tokens=_share(self.prompt - cached, part, parts),
                input_includes_cache=False,
                cache_read_tokens=_share(self.cached, part, parts),
                cache_write_tokens=share.get("cache_write_tokens", 0),
                cache_write_1h_tokens=share.get("cache_write_1h_tokens", 0),
                completion_tokens=_share(self.completion - self.reasoning, part, parts) + reasoning,
                reasoning_tokens=reasoning,
                images_in=share.get("images_in", 0),
                images_out=share.get("images_out", 0),
                image_tokens_in=share.get("image_tokens_in", 0),
                image_tokens_out=share.get("image_tokens_out", 0),
                audio_tokens_in=share.get("audio_tokens_in", 0),
                audio_tokens_out=share.get("audio_tokens_out", 0),
                web_searches=share.get("web_searches", 0),
            )
        if self.calls > parts:
            yield Workload(requests=self.calls - parts)


def _share(count: int, part: int, parts: int) -> int:
    return count * (part + 1) // parts - count * part // parts


def one_price(card: RateCard, place: int) -> RateCard:
    """The card of one place in another: whatever the length and the time, that place's prices are due."""
    return msgspec.structs.replace(card, lengths=(), edges=(0,), cells=(card.cells[place],))
