"""When a list was taken, from a person's word, the file's name or the file itself.

A wrong instant would put a list at a wrong place in the history for good: what can be read in two ways is refused.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Literal

import msgspec

from llmanac.errors import InvalidParameter

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
"""No list of models is older: such an instant is a clock that was never set, or a number that is no time."""

Mtime = Literal["mtime"]
"""The person asks for the file's modification time, which copying changes and which is therefore never guessed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?P<offset>[Zz]|[+-][0-2]\d:[0-5]\d)?", re.ASCII
)
_WRITTEN = re.compile(
    r"""
    (?<!\d)(?P<year>(?:19|20)\d\d)(?P<dash>[-_.]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)
    (?:
        (?P<between>[Tt\ _-]?)(?P<hour>\d\d)(?P<colon>[-:._]?)(?P<minute>\d\d)
        (?:(?P=colon)(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?
        \ ?(?P<offset>[Zz]|(?P<sign>[+-])(?P<ahead>\d\d)(?:[:._]?(?P<ahead_minutes>\d\d))?)?
    )?
    (?!\d)""",
    re.ASCII | re.VERBOSE,
)
_UNIX = re.compile(r"(?<![0-9A-Za-z])(?:\d{13}|\d{10})(?![0-9A-Za-z])", re.ASCII)
_MORE_TIME = re.compile(r"[Tt]\d|[ _-](?:\d\d|\d{4})(?!\d)", re.ASCII)
_MORE_OFFSET = re.compile(r"-\d\d", re.ASCII)
_HEX_LETTERS = frozenset("abcdefABCDEF")


class NoInstant(msgspec.Struct, frozen=True):
    """The verdict on what should tell an instant and does not."""

    words: str


class _Reading(msgspec.Struct, frozen=True):
    instant: datetime
    text: str
    whole_day: bool = False


class _Stamps(msgspec.Struct):
    taken_at: msgspec.Raw = msgspec.Raw(b"null")
    fetched_at: msgspec.Raw = msgspec.Raw(b"null")
    generated_at: msgspec.Raw = msgspec.Raw(b"null")


def parse_taken_at(text: str) -> datetime | Mtime:
    """What a person said: RFC 3339 with any offset, or `mtime`.

    Raises:
        InvalidParameter: It is neither, or has no offset.
    """
    if text == "mtime":
        return "mtime"
    said = _rfc3339(text)
    if isinstance(said, NoInstant):
        raise InvalidParameter(f"--taken-at: {said.words}", hint="Write it like 2026-06-08T15:41:25Z, or mtime.")
    return said


def check_instant(instant: datetime, *, now: datetime) -> datetime | NoInstant:
    """The instant in UTC, if a list can have been taken then."""
    if instant > now:
        return NoInstant(f"Expected an instant that is over, got {_told(instant)}, which is in the future")
    if instant < EARLIEST:
        return NoInstant(f"Expected an instant since {EARLIEST.year}, got {_told(instant)}")
    return instant.astimezone(UTC)


def from_unix(seconds: float) -> datetime | NoInstant:
    """A modification time."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return NoInstant(f"Expected a modification time, got {seconds}")


def instant_in_name(name: str) -> datetime | NoInstant | None:
    """The instant a file's name tells, without its folders; None when it tells none.

    Without an offset it is UTC; a date alone is its first moment.
    """
    readings: list[_Reading] = []
    for found in _WRITTEN.finditer(name):
        if not found["dash"] and _within_hex(name, found):
            continue
        reading = _read_written(found, name[found.end() :])
        if isinstance(reading, NoInstant):
            return reading
        readings.append(reading)
    for found in _UNIX.finditer(name):
        digits = found[0]
        instant = _EPOCH + timedelta(milliseconds=int(digits) if len(digits) == 13 else int(digits) * 1000)
        if instant >= EARLIEST:
            readings.append(_Reading(instant, digits))
    return _the_one(readings)


def instant_in_list(body: bytes) -> datetime | NoInstant | None:
    """The first of `taken_at`, `fetched_at`, `generated_at` at the top of a list; None when there is none."""
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"{"):
        return None
    try:
        stamps = msgspec.json.decode(text, type=_Stamps)
        for name, raw in msgspec.structs.asdict(stamps).items():
            said = msgspec.json.decode(raw)
            if said is not None:
                found = _rfc3339(said) if isinstance(said, str) else NoInstant(f"Expected a text, got {said!r:.40}")
                return NoInstant(f"`{name}`: {found.words}") if isinstance(found, NoInstant) else found
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        return NoInstant(f"Expected JSON, got something else: {problem}")
    return None


def _rfc3339(text: str) -> datetime | NoInstant:
    found = _RFC3339.fullmatch(text)
    if found is None:
        return NoInstant(f"Expected an instant as of RFC 3339, got {text[:60]!r}")
    if found["offset"] is None:
        return NoInstant(f"Expected an instant with its offset from UTC, such as Z or +02:00, got {text!r}")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        return NoInstant(f"Expected an instant as of RFC 3339, got {text[:60]!r}: {problem}")


def _within_hex(name: str, found: re.Match[str]) -> bool:
    """Digits that are a piece of a digest, not a date."""
    around = name[max(found.start() - 1, 0) : found.start()] + name[found.end() : found.end() + 1]
    return not _HEX_LETTERS.isdisjoint(around)


def _read_written(found: re.Match[str], rest: str) -> _Reading | NoInstant:
    if _two_ways(found, rest):
        return NoInstant(f"Expected an instant that reads only one way, got {found[0] + rest[:8]!r}")
    names = ("year", "month", "day", "hour", "minute", "second", "ahead", "ahead_minutes")
    year, month, day, hour, minute, second, hours, minutes = (int(found[name] or 0) for name in names)
    microsecond = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    try:
        offset = time(hours, minutes)
        zone = timezone(timedelta(hours=offset.hour, minutes=offset.minute) * (-1 if found["sign"] == "-" else 1))
        instant = datetime(year, month, day, hour, minute, second, microsecond, zone)
    except ValueError as problem:
        return NoInstant(f"Expected a date and time, got {found[0]!r}: {problem}")
    return _Reading(instant, found[0], found["hour"] is None)


def _two_ways(found: re.Match[str], rest: str) -> bool:
    if found["hour"] is None:
        return _MORE_TIME.match(rest) is not None
    strict = found["between"] in ("T", "t")
    if found["second"] is None and not strict and not found["colon"]:
        return True
    # `…-15-41-25-02` may be an offset or a counter.
    unclear = found["sign"] == "-" and ":" not in found["offset"] and not strict
    return unclear or (found["sign"] is not None and _MORE_OFFSET.match(rest) is not None)


def _the_one(readings: Sequence[_Reading]) -> datetime | NoInstant | None:
    """The instant all readings agree on; the day it is on may stand beside it."""
    exact = {reading.instant: reading for reading in readings if not reading.whole_day}
    days = {reading.instant: reading for reading in readings if reading.whole_day}
    if len(exact) == 1:
        instant = next(iter(exact))
        own_days = {instant.date(), instant.astimezone(UTC).date()}
        days = {day: reading for day, reading in days.items() if day.date() not in own_days}
    different = [*exact.values(), *days.values()]
    if len(different) > 1:
        told = " and ".join(repr(reading.text) for reading in different)
        return NoInstant(f"Expected one instant in the name, got {told}")
    return different[0].instant if different else None


def _told(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
