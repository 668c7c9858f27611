"""One call as a line of a file states it, and a line that states none."""

from decimal import Decimal

import msgspec

MAX_COUNT = 10**12
"""Tokens, images or searches of one call: more is a mistake."""

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US


class Extras(msgspec.Struct, frozen=True, gc=False):
    """What few calls have. Tokens of images and sounds are no part of the call's `prompt` and `completion`."""

    cache_write: int = 0
    """Tokens kept for five minutes."""
    cache_write_1h: int = 0
    images_in: int = 0
    images_out: int = 0
    image_in: int = 0
    """Tokens, as the other `image_…` and `audio_…`."""
    image_out: int = 0
    audio_in: int = 0
    audio_out: int = 0
    web_searches: int = 0


class Call(msgspec.Struct, frozen=True, gc=False):
    """What one call counted, in tokens; cached ones are part of `prompt`, reasoning ones of `completion`."""

    name: str
    """The model as the file has it."""
    at_us: int
    """Microseconds since 1970."""
    prompt: int
    completion: int
    cached: int
    reasoning: int
    extras: Extras | None
    stated: Decimal | None
    """What the provider said it cost, in USD."""


class BadLine(msgspec.Struct, frozen=True):
    """A line that is no call: where it stands, counted from 1, and why."""

    file: str
    line: int
    reason: str


class UnreadableLine(ValueError):
    """Why a line is no call; it becomes a BadLine where its number is known."""
