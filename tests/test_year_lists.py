"""The lists of the year's benchmark: what they are worth depends on them being what they are said to be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice, pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.year_lists import HourlyList, hourly_lists
from benchmarks.year_made import made_series
from benchmarks.year_series import Listing, Record, enlarged, scaled, windowed

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


class Answer(msgspec.Struct):
    data: list[dict[str, object]]
    total_count: int


def models_of(hour: HourlyList) -> Mapping[object, dict[str, object]]:
    answer = msgspec.json.decode(hour.body, type=Answer)
    found = {row["id"]: row for row in answer.data}
    assert len(found) == len(answer.data) == answer.total_count == hour.models
    return found


def record(model: str, price: str, **more: object) -> Record:
    members: dict[str, object] = {"id": model, "pricing": {"prompt": price}, "name": "An invented model", **more}
    return {name: msgspec.json.encode(value) for name, value in members.items()}


def series(*lists: Sequence[Record]) -> list[Listing]:
    return [
        Listing(BEGIN + day * DAY, {msgspec.json.decode(one["id"], type=str): one for one in models})
        for day, models in enumerate(lists)
    ]


def hours(lists: Sequence[Listing], count: int, windows: Sequence[Record] = ()) -> list[HourlyList]:
    return list(hourly_lists(lists, windows, begin=BEGIN, hours=count))


THREE_DAYS = series(
    [record("a/one", "0.1"), record("b/two", "0.2"), record("c/three", "0.3")],
    [record("c/three", "0.3"), record("a/one", "0.15"), record("b/two", "0.2", name="Other")],
    [record("d/four", "0.4"), record("a/one", "0.15"), record("b/two", "0.25", name="Other")],
)


def test_after_the_first_pass_the_list_is_the_last_of_the_series() -> None:
    last = hours(THREE_DAYS, 49)[-1]
    expected = [
        {name: msgspec.json.decode(value) for name, value in model.items()} for model in THREE_DAYS[-1].models.values()
    ]
    assert list(models_of(last).values()) == expected


def test_every_difference_lands_in_an_hour_and_all_other_hours_have_the_same_bytes() -> None:
    lists = hours(THREE_DAYS, 49)
    landed = sum((hour.landed for hour in lists[1:]), start=Counter[str]())
    assert landed == {"pricing": 2, "name": 1, "": 2, "order": 1}
    for before, after in pairwise(lists):
        assert (before.body == after.body) is (not after.landed)


def test_nothing_comes_twice_but_what_stays() -> None:
    changed = [hour.body for hour in hours(THREE_DAYS, 400) if hour.landed]
    assert len(set(changed)) == len(changed)


def test_a_model_that_was_gone_in_an_earlier_pass_comes_again_under_another_id() -> None:
    lists = hours(THREE_DAYS, 200)
    assert {"c/three", "d/four"} < {str(name) for hour in lists for name in models_of(hour)}
    assert set(models_of(lists[96])) == {"a/one", "b/two", "c/three-r1"}
    assert set(models_of(lists[144])) == {"a/one", "b/two", "d/four-r1"}


@given(st.integers(min_value=1, max_value=60))
def test_two_runs_give_the_same_lists(count: int) -> None:
    assert hours(THREE_DAYS, count) == hours(THREE_DAYS, count)


def test_the_base_price_is_that_of_the_window_in_force() -> None:
    entries = [
        {"utc_start": 0, "utc_end": 1600, "prompt": "0.2"},
        {"utc_start": 1600, "utc_end": 0, "prompt": "0.1"},
    ]
    night = {**record("e/five", "0.1"), "pricing": msgspec.json.encode({"prompt": "0.1", "overrides": entries})}
    lists = hours(THREE_DAYS, 25, [night])
    prices = [models_of(hour)["e/five"]["pricing"] for hour in lists]
    assert [price["prompt"] for price in prices if isinstance(price, dict)] == ["0.2"] * 16 + ["0.1"] * 8 + ["0.2"]
    assert [hour.landed["windows"] for hour in lists] == [0] * 16 + [1] + [0] * 7 + [1]


def test_twins_make_the_lists_larger_and_change_in_hours_of_their_own() -> None:
    both = enlarged(THREE_DAYS, 6)
    assert [len(listing.models) for listing in both] == [6, 6, 6]
    assert both[0].models["a/one-twin"]["pricing"] == b'{"prompt":"0.107"}'
    assert both[0].models["a/one-twin"]["name"] != both[0].models["a/one"]["name"]


def test_only_positive_prices_are_scaled() -> None:
    pricing = b'{"prompt":"0.2","image":"0","request":"-1","overrides":[{"min_prompt_tokens":2.50,"prompt":"0.40"}]}'
    from_decimal = scaled(pricing, Decimal("1.5"))
    assert from_decimal == (
        b'{"prompt":"0.3","image":"0","request":"-1","overrides":[{"min_prompt_tokens":2.50,"prompt":"0.6"}]}'
    )


def test_the_made_up_series_changes_about_as_often_as_the_real_one() -> None:
    made = made_series()
    assert made == made_series()
    days = list(pairwise(made))
    shared = [
        (before.models[name], after.models[name])
        for before, after in days
        for name in before.models & after.models.keys()
    ]
    repriced = sum(before["pricing"] != after["pricing"] for before, after in shared)
    assert 12 < repriced / len(shared) * 1000 < 24


def test_windowed_models_of_the_bundle_have_ids_of_their_own() -> None:
    ids = [msgspec.json.decode(model["id"], type=str) for model in windowed()]
    assert ids
    assert all(model.endswith("-windows") for model in ids)
    assert all(b'"utc_start"' in model["pricing"] for model in islice(windowed(), 2))
