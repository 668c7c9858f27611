"""What prices mean: the price due at each minute, found by a reading of our own, and schedules as one sees them."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.money import Price
from llmanac.pricing.conditions import DAY_MINUTES, WEEK_MINUTES, WEEKDAYS
from llmanac.pricing.stated import tariffs
from llmanac.pricing.tariff import Tariff, same_tariff
from tests.build import Json, pricing, record
from tests.pricing.schedules import price_at
from tests.strategies import quick

HOURS = (0, 30, 100, 600, 1000, 1630, 2359)


def entries() -> st.SearchStrategy[list[Json]]:
    """Entries that are all understood, with few hours, days and lengths, so that they overlap."""
    times: st.SearchStrategy[dict[str, Json]] = st.just({}) | st.builds(
        lambda start, end: {"utc_start": start, "utc_end": end}, st.sampled_from(HOURS), st.sampled_from((*HOURS, 2400))
    )
    days: st.SearchStrategy[dict[str, Json]] = st.just({}) | st.lists(
        st.sampled_from(WEEKDAYS), max_size=3, unique=True
    ).map(lambda words: {"utc_days": words})
    lengths: st.SearchStrategy[dict[str, Json]] = st.sampled_from(
        ({}, {"min_prompt_tokens": 1000}, {"min_prompt_tokens": 5000})
    )
    price = st.sampled_from(("0.1", "0.2", "0.20", "0"))
    entry = st.builds(
        lambda hours, on, length, amount: {**hours, **on, **length, "prompt": amount}, times, days, lengths, price
    )
    return st.lists(entry, max_size=5).map(lambda found: [*found])


def tariff(overrides: list[Json], base: str | None = "0.5") -> Tariff:
    stated: dict[str, Json] = {"overrides": overrides} if base is None else {"prompt": base, "overrides": overrides}
    return tariffs(json.dumps(record(pricing=stated)).encode()).get("prompt", Tariff(None, ()))


def applies(entry: Json, minute: int, tokens: int) -> bool:
    """By upstream's words: strictly more tokens; a window belongs to the day it begins on; its end is not in it."""
    assert isinstance(entry, dict)
    length = entry.get("min_prompt_tokens", -1)
    assert isinstance(length, int)
    if tokens <= length:
        return False
    start, end = (_minute(entry.get(name, usual)) for name, usual in (("utc_start", 0), ("utc_end", 2400)))
    day, at = divmod(minute, DAY_MINUTES)
    if start < end:
        return _on(entry, day) and start <= at < end
    return (_on(entry, day) and at >= start) or (_on(entry, day - 1) and at < end)


def _minute(time: Json) -> int:
    assert isinstance(time, int)
    return time // 100 * 60 + time % 100


def _on(entry: dict[str, Json], day: int) -> bool:
    days = entry.get("utc_days", WEEKDAYS)
    assert not isinstance(days, (int, float, dict))
    return days is not None and WEEKDAYS[day % 7] in days


@quick
@given(entries(), st.integers(0, WEEK_MINUTES - 1), st.sampled_from((0, 1, 1000, 1001, 5000, 5001)))
def test_of_the_entries_that_apply_the_last_one_sets_the_price(found: list[Json], minute: int, tokens: int) -> None:
    due = "0.5"
    for entry in found:
        assert isinstance(entry, dict)
        if applies(entry, minute, tokens):
            due = str(entry["prompt"])
    price = price_at(tariff(found), minute, tokens)
    assert price is not None
    assert price.amount == Price(due).amount


@quick
@given(entries())
def test_the_spans_of_every_tier_tile_the_week_and_neighbours_differ(found: list[Json]) -> None:
    tiers = tariff(found).tiers
    for tier in tiers:
        edges = [span.window for span in tier.spans]
        assert (edges[0].start, edges[-1].end) == (0, WEEK_MINUTES)
        assert all(one.end == other.start for one, other in pairwise(edges))
        amounts = [span.price and span.price.amount for span in tier.spans]
        assert all(one != other for one, other in pairwise(amounts))
    assert tiers[0].more_than_tokens is None
    assert all(one.spans != other.spans for one, other in pairwise(tiers))


@quick
@given(entries())
def test_windows_cover_the_week_just_when_the_base_price_is_never_due(found: list[Json]) -> None:
    with_base, without = tariff(found), tariff(found, base=None)
    never = all(span.price is not None for span in without.tiers[0].spans)
    assert with_base.covers_week == never


@quick
@given(entries(), entries())
def test_tariffs_are_the_same_when_they_cost_the_same_at_every_minute(one: list[Json], other: list[Json]) -> None:
    mine, theirs = tariff(one), tariff(other)
    minutes = {*range(0, WEEK_MINUTES, 30), *_minutes_of_change(mine), *_minutes_of_change(theirs)}
    equal = all(
        _amount(price_at(mine, minute, tokens)) == _amount(price_at(theirs, minute, tokens))
        for tokens in (0, 1001, 5001)
        for minute in minutes
    )
    assert same_tariff(mine, theirs) == equal


def _minutes_of_change(found: Tariff) -> set[int]:
    return {span.window.start for tier in found.tiers for span in tier.spans}


def _amount(price: Price | None) -> object:
    return price and price.amount


def test_a_schedule_cut_in_other_pieces_is_the_same_tariff() -> None:
    whole: list[Json] = [
        {"utc_start": 0, "utc_end": 1600, "prompt": "0.2"},
        {"utc_start": 1600, "utc_end": 0, "prompt": "0.1"},
    ]
    pieces: list[Json] = [
        {"utc_start": 1600, "utc_end": 2000, "prompt": "0.10"},
        {"utc_start": 2000, "utc_end": 0, "prompt": "0.1"},
        {"utc_start": 0, "utc_end": 1600, "prompt": "0.2000000000000000000001"},
    ]
    one, other = tariff(whole, base="0.1"), tariff(pieces, base="0.2")
    assert same_tariff(one, other)
    assert [span.window for span in one.tiers[0].spans] == [span.window for span in other.tiers[0].spans]


def test_a_tier_begins_above_its_tokens() -> None:
    found = tariff([{"min_prompt_tokens": 200000, "prompt": "1"}])
    assert [tier.more_than_tokens for tier in found.tiers] == [None, 200000]
    assert [price_at(found, 0, tokens) for tokens in (200000, 200001)] == [Price("0.5"), Price("1")]
    assert not found.covers_week


def test_a_later_tier_that_costs_the_same_is_none() -> None:
    found = tariff([{"min_prompt_tokens": 5, "prompt": "1"}, {"min_prompt_tokens": 9, "prompt": "1.0"}])
    assert [tier.more_than_tokens for tier in found.tiers] == [None, 5]


def test_an_entry_with_an_unknown_condition_is_kept_and_not_applied() -> None:
    found = tariff([{"region": "eu", "prompt": "1"}])
    assert [entry.conditions.unknown for entry in found.entries] == [('region="eu"',)]
    assert price_at(found, 0) == Price("0.5")
    assert same_tariff(found, found)
    assert not same_tariff(found, tariff([{"region": "us", "prompt": "1"}]))
    assert not same_tariff(found, tariff([]))


def test_a_price_of_zero_and_none_are_the_same_tariff() -> None:
    assert same_tariff(tariff([], base="0"), tariff([], base=None))
    assert not same_tariff(tariff([], base="-1"), tariff([], base=None))


def test_rates_are_those_of_the_base_and_of_the_entries() -> None:
    stated = pricing(request=0.5, discount="0.2", odd="free", overrides=[{"min_prompt_tokens": 1, "image": "2"}])
    found = tariffs(json.dumps(record(pricing=stated)).encode())
    assert [*found] == ["prompt", "completion", "input_cache_read", "request", "image"]
    assert (found["request"].base, found["image"].base) == (Price("0.5"), None)


@pytest.mark.parametrize("overrides", ["[1]", "null", "{}", '"x"', "[]", '[{"prompt": 1}]', '[{"prompt": "free"}]'])
def test_overrides_without_a_price_leave_the_base_price(overrides: str) -> None:
    found = tariffs(f'{{"pricing": {{"prompt": "0.5", "overrides": {overrides}}}}}'.encode())
    assert found == {"prompt": Tariff(Price("0.5"), ())}


@pytest.mark.parametrize("text", ["{}", '{"pricing": null}', '{"pricing": []}', '{"pricing": {}}'])
def test_a_record_without_prices_has_no_tariffs(text: str) -> None:
    assert tariffs(text.encode()) == {}


@pytest.mark.parametrize("steps", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_hundreds_of_entries_are_no_more_than_their_tiers(steps: int) -> None:
    """Looked at minute by minute and entry by entry they would take minutes."""
    many: list[Json] = [
        {
            "min_prompt_tokens": 1000 * step,
            "utc_start": step % 24 * 100,
            "utc_end": step % 24 * 100 + 30,
            "prompt": f"{step}",
        }
        for step in range(1, steps + 1)
    ]
    found = tariff(many)
    assert len(found.tiers) == steps + 1
    assert same_tariff(found, tariff([*many]))
    assert not same_tariff(found, tariff(many[:-1]))
