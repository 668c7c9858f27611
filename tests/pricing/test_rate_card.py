"""A card says for every length and time which price is due."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.cost.quote import Line, quote
from llmanac.cost.workload import Workload
from llmanac.pricing.charge import Reason
from llmanac.pricing.rate_card import RateCard, minute_of_week, rate_card
from llmanac.pricing.stated import tariffs
from tests.build import Json
from tests.cost.strategies import MONDAY, instants, pricings, workloads
from tests.cost.worked import model
from tests.pricing.schedules import price_at
from tests.strategies import quick


@quick
@given(pricings(), st.integers(0, 600), instants())
def test_the_price_due_is_the_one_history_knows(pricing: Mapping[str, object], length: int, at: datetime) -> None:
    made = model(pricing)
    found = {line.rate: line.price for line in _one_token_of_each(rate_card(made), length, at)}
    due = {rate: price_at(tariff, minute_of_week(at), length) for rate, tariff in tariffs(made.record).items()}
    for rate, price in found.items():
        stated = due[rate]
        assert stated is not None
        assert price == stated.text


def _one_token_of_each(card: RateCard, length: int, at: datetime) -> tuple[Line, ...]:
    read = min(length, 1)
    asked = Workload(prompt_tokens=length, cache_read_tokens=read, completion_tokens=1, web_searches=1, at=at)
    return quote(card, asked, now=MONDAY).lines


@quick
@given(pricings(), workloads())
def test_the_order_in_which_rates_are_stated_changes_nothing(pricing: Mapping[str, object], workload: Workload) -> None:
    turned = dict(reversed([*pricing.items()]))
    one, other = (quote(rate_card(model(stated)), workload, now=MONDAY) for stated in (pricing, turned))
    assert one == other


def test_more_overrides_than_can_be_sorted_put_the_base_prices_in_doubt() -> None:
    overrides = [{"min_prompt_tokens": 10 * number, "prompt": "0.000001"} for number in range(300)]
    card = rate_card(model({"prompt": "0.000002", "completion": "0.000004", "overrides": overrides}))
    found = quote(card, Workload(prompt_tokens=3000), now=MONDAY)
    assert [(line.rate, line.price) for line in found.lines] == [("prompt", "0.000002")]
    assert [(missing.rate, missing.reason) for missing in found.missing] == [("prompt", Reason.CONDITION)]
    assert "more overrides than can be sorted" in found.missing[0].detail


def test_a_price_for_each_hour_of_the_week_can_be_sorted() -> None:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    overrides = [
        {"utc_days": [day], "utc_start": hour * 100, "utc_end": (hour + 1) % 24 * 100, "prompt": f"{place}.{hour:02}"}
        for place, day in enumerate(days, start=1)
        for hour in range(24)
    ]
    card = rate_card(model({"prompt": "0", "completion": "0", "overrides": overrides}))
    at = datetime(2026, 10, 29, 17, 59, tzinfo=UTC)
    assert [line.price for line in quote(card, Workload(prompt_tokens=1, at=at), now=MONDAY).lines] == ["4.17"]


@pytest.mark.parametrize(
    ("at", "minute"),
    [
        (MONDAY, 0),
        (MONDAY - timedelta(microseconds=1), 7 * 24 * 60 - 1),
        (datetime(2026, 10, 26, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))), 7 * 24 * 60 - 255),
    ],
)
def test_minutes_count_from_monday_in_utc(at: datetime, minute: int) -> None:
    assert minute_of_week(at) == minute


@pytest.mark.parametrize("target", [None, "acme/owl-2", {}, {"slug": None}, {"slug": 7}, [1]])
def test_an_alias_target_that_says_nothing_is_left_out(target: Json) -> None:
    card = rate_card(model({"prompt": "1", "completion": "1"}, name="~acme/owl-latest", alias_target=target))
    assert quote(card, Workload(), now=MONDAY).assumed == (
        "~acme/owl-latest is an alias: its price changes with the model it stands for",
    )
