"""The conditions of a price mean what OpenRouter says."""

import json

import pytest

from llmanac.pricing.conditions import (
    WEEK_MINUTES,
    Window,
    read_conditions,
    split_entry,
    weekly,
)
from tests.build import Json as Plain

NIGHT = {"utc_start": 2200, "utc_end": 600}


def raw(**members: Plain) -> dict[str, bytes]:
    return {name: json.dumps(value).encode() for name, value in members.items()}


def windows(**members: Plain) -> tuple[Window, ...]:
    return read_conditions(raw(**members)).windows


def test_a_rate_is_a_text_that_is_a_price_and_no_known_condition() -> None:
    entry = raw(prompt="0.1", min_prompt_tokens="5", region="eu", count=3, completion="-1", nothing=None)
    conditions, rates = split_entry(entry)
    assert [*rates] == ["prompt", "completion"]
    assert [*conditions] == ["min_prompt_tokens", "region", "count", "nothing"]


def test_no_conditions_hold_always() -> None:
    always = read_conditions({})
    assert (always.more_than_tokens, always.windows, always.unknown) == (None, (Window(0, WEEK_MINUTES),), ())


def test_a_window_is_half_open_and_in_minutes_of_the_week() -> None:
    assert windows(utc_days=["tuesday"], utc_start=30, utc_end=1630) == (Window(1440 + 30, 1440 + 16 * 60 + 30),)


def test_a_window_past_midnight_belongs_to_the_day_it_begins_on() -> None:
    assert windows(utc_days=["friday"], **NIGHT) == (Window(4 * 1440 + 22 * 60, 5 * 1440 + 6 * 60),)
    assert windows(utc_days=["sunday"], **NIGHT) == (Window(0, 6 * 60), Window(6 * 1440 + 22 * 60, WEEK_MINUTES))


def test_an_end_of_midnight_is_written_0_or_2400() -> None:
    until = (Window(16 * 60, 1440),)
    assert windows(utc_days=["monday"], utc_start=1600, utc_end=0) == until
    assert windows(utc_days=["monday"], utc_start=1600, utc_end=2400) == until


def test_windows_that_touch_are_one() -> None:
    assert windows(utc_days=["monday", "tuesday"]) == (Window(0, 2 * 1440),)
    assert weekly((6, 6), 0, 1440) == (Window(6 * 1440, WEEK_MINUTES),)


def test_days_without_a_name_are_no_time_at_all() -> None:
    assert windows(utc_days=[]) == ()


@pytest.mark.parametrize(
    ("conditions", "unknown"),
    [
        (raw(region="eu"), ('region="eu"',)),
        (raw(min_prompt_tokens="200000"), ('min_prompt_tokens="200000"',)),
        (raw(min_prompt_tokens=-1), ("min_prompt_tokens=-1",)),
        (raw(min_prompt_tokens=True), ("min_prompt_tokens=true",)),
        (raw(utc_start=100), ("utc_start=100",)),
        (raw(utc_start=2400, utc_end=100), ("utc_end=100", "utc_start=2400")),
        (raw(utc_start=60, utc_end=100), ("utc_end=100", "utc_start=60")),
        (raw(utc_days="sunday"), ('utc_days="sunday"',)),
        (raw(utc_days=["sunday", "holiday"]), ('utc_days=["sunday","holiday"]',)),
        (raw(utc_start=0, utc_end=100, x=None), ("x=null",)),
    ],
)
def test_a_condition_without_a_known_meaning_is_said_to_be_unknown(
    conditions: dict[str, bytes], unknown: tuple[str, ...]
) -> None:
    assert read_conditions(conditions).unknown == unknown
