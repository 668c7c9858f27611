"""One call as a line of a file states it, and a line that states none."""

from decimal import Decimal

import msgspec

MAX_COUNT = 10**12
"""Tokens, images or searches of one call: more is a mistake."""

MAX_NAME_CHARACTERS = 512
"""Of a model's name: what is longer is no name, and would be kept for the report."""

_MAX_UNREAD = 100

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
    mark: int = 0
    """Equal for lines that tell of the same call, within this process; 0 where nothing tells."""


class Notes(msgspec.Struct):
    """What lines said besides their calls."""

    days: int = 0
    """Lines whose time is a date alone."""
    no_calls: int = 0
    """Objects that have neither a usage nor any count."""
    unread: dict[str, int] = msgspec.field(default_factory=dict)
    """Lines that have a count of a name that is not known, by the name."""

    def add(self, other: "Notes") -> None:
        """What other lines said."""
        self.days += other.days
        self.no_calls += other.no_calls
        for name, lines in other.unread.items():
            self.note_unread(name, lines)

    def note_unread(self, name: str, lines: int = 1) -> None:
        """So many lines have it; of very many names the first are kept."""
        if name in self.unread or len(self.unread) < _MAX_UNREAD:
            self.unread[name] = self.unread.get(name, 0) + lines


class BadLine(msgspec.Struct, frozen=True):
    """A line that is no call: where it stands, counted from 1, and why."""

    file: str
    line: int
    reason: str


class UnreadableLine(ValueError):
    """Why a line is no call; it becomes a BadLine where its number is known."""
