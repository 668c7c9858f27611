"""What is asked of a model: counts per request, how many requests, and when.

A Workload that exists is possible: its making fails with the counts that contradict each other.
"""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from llmanac.errors import InvalidBody

MAX_COUNT = 10**12
"""The largest count, of requests too. It keeps every amount within the digits that are computed exactly."""

MAX_PARTS = 1000
"""The most Workloads that are priced together."""

DAY_HOURS = 24

_INPUT_PARTS = ("cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens")

Hours = Annotated[tuple[int, ...], msgspec.Meta(min_length=DAY_HOURS, max_length=DAY_HOURS)]
"""How many requests begin in each hour of a day, in UTC."""


class Week(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many requests begin in each hour (UTC) of one week, as 24 whole numbers a day.

    A day that is not named is like `every_day`, or without requests where that is not named either. The requests of an
    hour begin at even distances, the first at the full hour.
    """

    every_day: Hours | None = None
    monday: Hours | None = None
    tuesday: Hours | None = None
    wednesday: Hours | None = None
    thursday: Hours | None = None
    friday: Hours | None = None
    saturday: Hours | None = None
    sunday: Hours | None = None

    def __post_init__(self) -> None:
        """Raises InvalidBody for counts that cannot be."""
        for name in self.__struct_fields__:
            hours = getattr(self, name)
            if hours is None:
                continue
            if len(hours) != DAY_HOURS:
                raise _impossible(f"`at.{name}` must have {DAY_HOURS} numbers, one an hour, got {len(hours)}")
            for hour, count in enumerate(hours):
                _require_count(f"at.{name}[{hour}]", count)

    @property
    def hours(self) -> tuple[int, ...]:
        """168 counts from Monday 00:00 UTC."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return tuple(count for day in days for count in (day or self.every_day or (0,) * DAY_HOURS))


class Workload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Counts per request, named as in the contract; all requests are alike.

    Text, image and audio tokens are counted beside each other: neither `prompt_tokens` nor `completion_tokens` holds
    image or audio tokens. (Usage objects of OpenAI and OpenRouter count audio within both: subtract it there.)
    """

    requests: int = 1
    """With a Week it is left out: the week says how many there are."""
    prompt_tokens: int = 0
    """All input text, the cached part included unless `input_includes_cache` is false."""
    input_includes_cache: bool = True
    """Whether `prompt_tokens` holds the tokens read from and written to the cache, as OpenRouter and OpenAI count."""
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    """Written to be kept for five minutes."""
    cache_write_1h_tokens: int = 0
    """Written to be kept for an hour; not part of `cache_write_tokens`."""
    completion_tokens: int = 0
    """All output text, reasoning included."""
    reasoning_tokens: int = 0
    images_in: int = 0
    images_out: int = 0
    image_tokens_in: int = 0
    """Of all images of one request together, as are those that come out."""
    image_tokens_out: int = 0
    audio_tokens_in: int = 0
    audio_tokens_out: int = 0
    web_searches: int = 0
    at: Annotated[datetime, msgspec.Meta(tz=True)] | Week | None = None
    """When: all requests at one instant (None: now), or spread over a week."""

    def __post_init__(self) -> None:
        """Raises InvalidBody (422, `IMPOSSIBLE_WORKLOAD`) for counts that cannot be, and names them."""
        for name in COUNTS:
            _require_count(name, getattr(self, name))
        self._require_parts_within_whole()
        if isinstance(self.at, Week) and self.requests != 1:
            raise _impossible("`requests` must be left out with a week in `at`, which counts the requests")
        if isinstance(self.at, datetime):
            _require_instant(self.at)
        if self.all_requests > MAX_COUNT:
            raise _impossible(f"The requests of `at` must be at most {MAX_COUNT} together")

    @property
    def all_requests(self) -> int:
        """How many requests there are, of the whole week where there is one."""
        return sum(self.at.hours) if isinstance(self.at, Week) else self.requests

    @property
    def cached_tokens(self) -> int:
        """Tokens read from or written to the cache."""
        return self.cache_read_tokens + self.cache_write_tokens + self.cache_write_1h_tokens

    @property
    def fresh_tokens(self) -> int:
        """Input text that has nothing to do with the cache."""
        return self.prompt_tokens - self.cached_tokens if self.input_includes_cache else self.prompt_tokens

    @property
    def prompt_length(self) -> int:
        """All input tokens of one request, of every kind: what the tiers of prices compare."""
        return self.fresh_tokens + self.cached_tokens + self.image_tokens_in + self.audio_tokens_in

    def _require_parts_within_whole(self) -> None:
        if self.input_includes_cache and self.cached_tokens > self.prompt_tokens:
            parts = " + ".join(f"`{name}` {getattr(self, name)}" for name in _INPUT_PARTS if getattr(self, name))
            raise _impossible(
                f"{parts} is more than `prompt_tokens` {self.prompt_tokens}, which should hold it",
                hint='Send "input_includes_cache": false if prompt_tokens does not count cached tokens.',
            )
        if self.reasoning_tokens > self.completion_tokens:
            raise _impossible(
                f"`reasoning_tokens` {self.reasoning_tokens} is more than `completion_tokens` {self.completion_tokens},"
                " which should hold it",
            )


COUNTS = tuple(name for name in Workload.__struct_fields__ if name not in {"input_includes_cache", "at"})
"""The fields of a Workload that count something."""


def _require_count(name: str, value: object) -> None:
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        raise _impossible(f"`{name}` must be a whole number from 0 to {MAX_COUNT}, got {value!r:.40}")


def _require_instant(at: datetime) -> None:
    if at.utcoffset() is None:
        raise _impossible(f"`at` must have an offset from UTC, got {at.isoformat()}")
    try:
        at.astimezone(UTC)
    except OverflowError:
        raise _impossible(f"`at` must be an instant from the year 1 to 9999 in UTC, got {at.isoformat()}") from None


def _impossible(message: str, *, hint: str = "") -> InvalidBody:
    return InvalidBody(message, hint=hint, code="IMPOSSIBLE_WORKLOAD")
