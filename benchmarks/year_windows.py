"""Upstream's habit with prices that depend on the time of day: the base price repeats the window in force."""

from datetime import UTC, datetime

import msgspec

from benchmarks.year_series import Record

_CONDITIONS = frozenset({"utc_start", "utc_end", "utc_days"})


class _Entry(msgspec.Struct):
    utc_start: int = 0
    utc_end: int = 0
    utc_days: list[str] | None = None


def in_force(model: Record, at: datetime) -> bytes:
    """The model's JSON as upstream sends it at an instant."""
    pricing = msgspec.json.decode(model["pricing"], type=dict[str, msgspec.Raw])
    for entry in msgspec.json.decode(pricing["overrides"], type=list[dict[str, msgspec.Raw]]):
        if _holds(msgspec.convert(msgspec.json.decode(msgspec.json.encode(entry)), _Entry), at.astimezone(UTC)):
            pricing |= {name: price for name, price in entry.items() if name not in _CONDITIONS}
    members = {**model, "pricing": msgspec.json.encode(pricing)}
    return msgspec.json.encode({name: msgspec.Raw(value) for name, value in members.items()})


def _holds(entry: _Entry, at: datetime) -> bool:
    """HHMM as numbers, half-open, past midnight when the end is not after the start."""
    if entry.utc_days is not None and at.strftime("%A").lower() not in entry.utc_days:
        return False
    now = at.hour * 100 + at.minute
    if entry.utc_start < entry.utc_end:
        return entry.utc_start <= now < entry.utc_end
    return now >= entry.utc_start or now < entry.utc_end
