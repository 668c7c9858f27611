"""Which price changes were a flap, case by case."""

import msgspec
import pytest

from llmanac.catalogue.change import Cause
from llmanac.history.label import Entry, relabel
from tests.build import Json, record
from tests.history.stories import DAY_AND_NIGHT, FLAP, Moment, absent, labelled, listed, priced, told


def prompts(*prices: str, days_apart: float = 1) -> list[Moment]:
    return [priced(number * days_apart, prompt=price) for number, price in enumerate(prices)]


@pytest.mark.parametrize(
    ("prices", "labels"),
    [
        (("1", "2"), ["real"]),
        (("1", "2", "1"), ["flap", "flap"]),
        (("1", "2", "3"), ["real", "real"]),
        (("1", "2", "3", "1"), ["flap", "flap", "flap"]),
        (("1", "2", "3", "2"), ["real", "flap", "flap"]),
        (("1", "2", "1", "3", "1"), ["flap"] * 4),
        (("1", "2", "3", "2", "1"), ["flap"] * 4),
        (("1", "2", "1", "2"), ["flap", "flap", "real"]),
        (("1", "2", "3", "1", "2"), ["flap", "flap", "flap", "real"]),
        (("1", "2", "3", "1", "3", "4"), ["flap", "flap", "flap", "real", "real"]),
        (("1", "2", "1", "3"), ["flap", "flap", "real"]),
        (("1", "2", "1", "2", "3", "2"), ["flap", "flap", "real", "flap", "flap"]),
    ],
)
def test_a_price_that_soon_returns_flapped_and_one_that_lasts_shows(prices: tuple[str, ...], labels: list[str]) -> None:
    assert labelled(*prompts(*prices)) == labels


@pytest.mark.parametrize(("days", "label"), [(10, "flap"), (10.0001, "real")])
def test_the_time_counts_from_leaving_a_price_to_its_return(days: float, label: str) -> None:
    story = (priced(0, prompt="1"), priced(20, prompt="2"), priced(20 + days, prompt="1"))
    assert labelled(*story) == [label, label]


def test_a_chain_of_short_returns_is_one_flap_however_long_it_lasts() -> None:
    assert labelled(*prompts("1", "2", "1", "2", "1", days_apart=8)) == ["flap"] * 4


def test_float_noise_is_the_price_it_was() -> None:
    assert labelled(*prompts("0.0000006", "0.0000007", "0.0000006000000000000001")) == ["flap", "flap"]


def test_a_price_that_is_no_longer_stated_is_zero() -> None:
    story = (priced(0, image="0"), priced(1), priced(2, image="0.5"), priced(3, image="0"))
    assert labelled(*story, field="pricing.image") == ["representation", "flap", "flap"]


def test_another_spelling_neither_leaves_nor_returns() -> None:
    story = prompts("0.1", "0.10", "0.2", "0.20", "0.1")
    assert labelled(*story) == ["representation", "flap", "representation", "flap"]


def test_the_window_in_force_neither_leaves_nor_returns() -> None:
    story = [priced(day, prompt=price, overrides=DAY_AND_NIGHT) for day, price in enumerate(("0.1", "0.3", "0.1"))]
    assert labelled(*story) == ["window", "window"]


def test_prices_of_an_alias_stay_what_they_are() -> None:
    rows = [
        Entry(row.seen_at, msgspec.structs.replace(row.change, cause=Cause.ALIAS), row.label)
        for row in told(*prompts("1", "2", "1"))
    ]
    assert {entry.label for entry in relabel(rows, FLAP)} == {Cause.ALIAS}


def test_a_price_under_conditions_that_goes_and_comes_back_flapped() -> None:
    tier: Json = [{"min_prompt_tokens": 200_000, "prompt": "3"}]
    story = (priced(0, overrides=tier), priced(1), priced(2, overrides=tier))
    assert labelled(*story, field="pricing.overrides[min_prompt_tokens=200000].prompt") == ["flap", "flap"]


def test_a_price_under_conditions_that_is_not_there_is_not_zero() -> None:
    tiers: tuple[Json, ...] = (
        None,
        [{"min_prompt_tokens": 9, "prompt": "3"}],
        [{"min_prompt_tokens": 9, "prompt": "0"}],
    )
    story = [priced(day, overrides=tier) for day, tier in enumerate(tiers)]
    assert labelled(*story, field="pricing.overrides[min_prompt_tokens=9].prompt") == ["real", "real"]


def test_a_return_across_a_seam_does_not_count() -> None:
    story = (priced(0, prompt="1"), priced(1, prompt="2"), priced(2, prompt="3", seam=True), priced(3, prompt="1"))
    assert labelled(*story) == ["real", "scope", "real"]


def test_a_return_after_a_seam_counts() -> None:
    story = (priced(0, prompt="1"), priced(1, prompt="2", seam=True), priced(2, prompt="1"), priced(3, prompt="2"))
    assert labelled(*story) == ["scope", "flap", "flap"]


def test_a_price_that_is_back_after_the_model_was_away_flapped() -> None:
    story = (priced(0, prompt="1"), priced(1, prompt="2"), absent(2), priced(3, prompt="1"))
    assert labelled(*story) == ["flap", "flap"]


def test_a_price_that_differs_after_the_model_was_away_is_real_though_the_absence_was_none() -> None:
    found = relabel(told(priced(0, prompt="1"), absent(1), priced(2, prompt="2")), FLAP)
    assert [(entry.change.kind, entry.label) for entry in found[1:]] == [
        ("removed", "flap"),
        ("returned", "flap"),
        ("price", "real"),
    ]


def test_prices_of_different_rates_have_nothing_to_do_with_each_other() -> None:
    story = (
        priced(0, prompt="1", completion="2"),
        priced(1, prompt="2", completion="1"),
        priced(2, prompt="1", completion="3"),
    )
    assert labelled(*story) == ["flap", "flap"]
    assert labelled(*story, field="pricing.completion") == ["real", "real"]


def test_a_limit_that_returns_is_a_flap_like_a_price() -> None:
    story = [listed(day, record(context_length=length)) for day, length in enumerate((1, 2, 1))]
    assert labelled(*story, field="context_length") == ["flap", "flap"]


def test_a_name_that_returns_is_real() -> None:
    story = [listed(day, record(name=name)) for day, name in enumerate(("One", "Two", "One"))]
    assert labelled(*story, field="name") == ["real", "real"]
