"""What a request costs, told twice without any code of llmanac's: by upstream's record, and by what an export states.

Both read plain JSON with exact numbers (`exact_json`). A prompt is so many tokens long, at a minute of the week in UTC
(Monday 00:00 is 0).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Exact: TypeAlias = "bool | int | Decimal | str | Sequence[Exact] | Mapping[str, Exact] | None"
Object: TypeAlias = "Mapping[str, Exact]"

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KNOWN = {"min_prompt_tokens", "utc_start", "utc_end", "utc_days"}
WEEK = 7 * 1440

LITELLM = {
    "prompt": "input_cost_per_token",
    "completion": "output_cost_per_token",
    "input_cache_read": "cache_read_input_token_cost",
    "input_cache_write": "cache_creation_input_token_cost",
    "input_cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "internal_reasoning": "output_cost_per_reasoning_token",
    "audio": "input_cost_per_audio_token",
    "audio_output": "output_cost_per_audio_token",
    "input_audio_cache": "cache_read_input_audio_token_cost",
    "image_token": "input_cost_per_image_token",
    "image_output": "output_cost_per_image_token",
}
MODELS_DEV = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "audio_output": "output_audio",
}
_ABOVE = re.compile(r"_above_([0-9]+)(k?)_tokens")


def exact_json(text: bytes | str) -> Exact:
    """JSON with every number exact."""
    parsed: Exact = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return parsed


def object_of(value: Exact) -> Object:
    """The value, which is an object."""
    assert isinstance(value, Mapping)
    return value


def list_of(value: Exact) -> Sequence[Exact]:
    """The value, which is a list."""
    assert isinstance(value, Sequence)
    assert not isinstance(value, str)
    return value


def due(pricing: Object, rate: str, *, tokens: int, minute: int) -> Decimal | None:
    """What the record says; None when nothing, or "-1". Entries with unknown conditions are passed over."""
    price = pricing.get(rate)
    for entry in map(object_of, list_of(pricing.get("overrides") or [])):
        if rate in entry and not unknown(entry) and _applies(entry, tokens, minute):
            price = entry[rate]
    return None if price is None or Decimal(str(price)) < 0 else Decimal(str(price))


def unknown(entry: Object) -> bool:
    """Whether it has a condition that nobody knows: whatever is no price, and not known."""
    return any(name not in KNOWN and not isinstance(value, str) for name, value in entry.items())


def _applies(entry: Object, tokens: int, minute: int) -> bool:
    least = entry.get("min_prompt_tokens")
    if isinstance(least, Decimal) and tokens <= least:
        return False
    if not entry.keys() & {"utc_start", "utc_end", "utc_days"}:
        return True
    day, clock = divmod(minute, 1440)
    days = [DAYS.index(str(name)) for name in list_of(entry.get("utc_days") or list(DAYS))]
    start, end = _minutes(entry.get("utc_start")), _minutes(entry.get("utc_end"))
    if start < end:
        return day in days and start <= clock < end
    # It runs past midnight, and belongs to the day it begins on.
    return (day in days and clock >= start) or ((day - 1) % 7 in days and clock < end)


def _minutes(clock: Exact) -> int:
    hours, minutes = divmod(int(clock) if isinstance(clock, Decimal) else 0, 100)
    return hours * 60 + minutes


def litellm_price(entry: Object, rate: str, *, tokens: int, minute: int) -> Decimal | None:
    """What LiteLLM takes for a rate, None when the map has no price: its rules of November 2026."""
    key = LITELLM[rate]
    off_peak = entry.get("off_peak_pricing")
    if off_peak is not None and _is_off_peak(object_of(off_peak), minute) and key in object_of(off_peak):
        return _number(object_of(off_peak)[key])
    found = entry.get(key)
    steps = ((int(match[1]) * (1000 if match[2] else 1), name) for name, match in _steps(entry, key))
    for least, name in sorted(steps):
        if tokens > least:
            found = entry[name]
    return None if found is None else _number(found)


def _steps(entry: Object, key: str) -> Iterator[tuple[str, re.Match[str]]]:
    for name in entry:
        match = _ABOVE.fullmatch(name.removeprefix(key)) if name.startswith(key) else None
        if match:
            yield name, match


def _is_off_peak(off_peak: Object, minute: int) -> bool:
    day, clock = divmod(minute, 1440)
    rules = [object_of(rule) for rule in list_of(off_peak.get("windows") or [])]
    hours = [*list_of(off_peak.get("hours_utc") or [])]
    hours += [hour for rule in rules if day + 1 in list_of(rule["weekdays"]) for hour in list_of(rule["hours_utc"])]
    return any(_within(str(hour), clock) for hour in hours)


def _within(hours: str, clock: int) -> bool:
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in hours.split("-"))
    return start <= clock < end if start < end else clock >= start or clock < end


def models_dev_price(cost: Object, rate: str, *, tokens: int) -> Decimal | None:
    """What a reader of models.dev's shape takes for a rate, per million: opencode's rule of November 2026."""
    key = MODELS_DEV[rate]
    tiers = [object_of(tier) for tier in list_of(cost.get("tiers") or [])]
    reached = [(object_of(tier["tier"])["size"], tier) for tier in tiers]
    above = [(size, tier) for size, tier in reached if isinstance(size, Decimal) and tokens > size]
    card = max(above, key=lambda each: each[0])[1] if above and key in _IN_TIERS else cost
    return _number(card[key]) if key in card else None


_IN_TIERS = ("input", "output", "cache_read", "cache_write")


def _number(value: Exact) -> Decimal:
    assert isinstance(value, Decimal), value
    return value
