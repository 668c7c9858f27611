"""Price series: what each rate cost when, without gap, and what that comes to over a range."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.money import PriceState, parse_price
from llmanac.history.label import relabel
from llmanac.history.price_series import (
    Held,
    PriceSeries,
    PriceSummary,
    price_series,
    summary,
)
from llmanac.pricing.stated import tariffs
from llmanac.pricing.tariff import Tariff, same_tariff
from tests.build import Json
from tests.history.stories import BEGUN_AT, DAY_AND_NIGHT, FLAP, Moment, absent, day_of, moments, priced, told
from tests.strategies import quick

NEVER = datetime.max.replace(tzinfo=UTC)
RATES = ("prompt", "completion", "image", "never_stated")


def series_of(*story: Moment) -> PriceSeries:
    found = price_series(relabel(told(*story), FLAP))
    assert found is not None
    return found


def prompt_over(story: tuple[Moment, ...] | list[Moment], since: float, until: float) -> PriceSummary:
    return summary(series_of(*story), "prompt", since=day_of(since), until=day_of(until))


def texts(series: PriceSeries, rate: str = "prompt") -> list[tuple[datetime, datetime | None, str | None]]:
    return [
        (each.since, each.until, None if each.tariff.base is None else each.tariff.base.text)
        for each in series.rates[rate]
    ]


def held(*days_by_price: tuple[str, int]) -> tuple[Held, ...]:
    return tuple(Held(parse_price(text), Fraction(days)) for text, days in days_by_price)


def ranges() -> st.SearchStrategy[tuple[datetime, datetime]]:
    instants = st.timedeltas(timedelta(days=-5), timedelta(days=200)).map(BEGUN_AT.__add__)
    return st.tuples(instants, instants)


@quick
@given(moments())
def test_the_periods_of_every_rate_cover_the_lifetime_and_those_that_touch_differ(story: list[Moment]) -> None:
    series = series_of(*story)
    for periods in series.rates.values():
        joined = [(periods[0].since, periods[0].until)]
        for one, following in pairwise(periods):
            if one.until == following.since:
                joined[-1] = (joined[-1][0], following.until)
                assert one.tariff != following.tariff
            else:
                joined.append((following.since, following.until))
        assert joined == [(each.since, each.until) for each in series.lifetime.listed]


@quick
@given(moments())
def test_a_period_says_what_the_lists_in_it_said(story: list[Moment]) -> None:
    series = series_of(*story)
    for moment in story:
        stated = {} if moment.record is None else tariffs(moment.record)
        for rate, periods in series.rates.items():
            now = [each for each in periods if each.since <= moment.at < (each.until or NEVER)]
            assert len(now) == (moment.record is not None)
            for period in now:
                assert same_tariff(period.tariff, stated.get(rate, Tariff(None, ())))


@quick
@given(moments(), ranges(), st.sampled_from(RATES))
def test_the_days_of_a_summary_add_up_to_the_part_of_the_lifetime_in_the_range(
    story: list[Moment], span: tuple[datetime, datetime], rate: str
) -> None:
    since, until = span
    series = series_of(*story)
    found = summary(series, rate, since=since, until=until)
    first, end = max(since, series.lifetime.first_seen_at), min(until, series.lifetime.missed_at or until)
    days = Fraction(max(end - first, timedelta(0)) // timedelta(microseconds=1), 86_400_000_000)
    assert sum((each.days for each in found.held), found.away_days) == days


@quick
@given(moments(), ranges(), st.sampled_from(RATES))
def test_a_mean_lies_between_the_least_and_the_greatest(
    story: list[Moment], span: tuple[datetime, datetime], rate: str
) -> None:
    found = summary(series_of(*story), rate, since=span[0], until=span[1])
    counted = [each for each in found.held if each.state in {PriceState.KNOWN, PriceState.ZERO}]
    if found.mean is None:
        assert (found.least, found.greatest, counted) == (None, None, [])
    else:
        assert found.least is not None
        assert found.greatest is not None
        least, greatest = Fraction(found.least.amount), Fraction(found.greatest.amount)
        assert least <= found.mean <= greatest
        assert any(each.days for each in counted)


@quick
@given(moments(), ranges(), ranges(), st.sampled_from(RATES))
def test_a_range_is_the_sum_of_its_parts(
    story: list[Moment], one: tuple[datetime, datetime], other: tuple[datetime, datetime], rate: str
) -> None:
    since, middle, until, _ = sorted((*one, *other))
    series = series_of(*story)
    found = [summary(series, rate, since=a, until=b) for a, b in ((since, until), (since, middle), (middle, until))]
    days = [sum(each.days for each in part.held) for part in found]
    money = [sum((_known(each) for each in part.held), Fraction(0)) for part in found]
    assert days[0] == days[1] + days[2]
    assert abs(money[0] - money[1] - money[2]) <= Fraction(1, 10**9)


def _known(each: Held) -> Fraction:
    """Noise is shown by its first spelling, so sums of the parts may differ by it."""
    return Fraction(each.price.amount) * each.days if each.price is not None else Fraction(0)


def test_a_price_that_changes_makes_two_periods_with_the_texts_upstream_sent() -> None:
    series = series_of(priced(0, prompt="1.0"), priced(3, prompt="2e0"), absent(4), priced(9, prompt="2e0"))
    assert texts(series) == [
        (day_of(0), day_of(3), "1.0"),
        (day_of(3), day_of(4), "2e0"),
        (day_of(9), None, "2e0"),
    ]


def test_float_noise_and_other_spellings_are_one_period_by_the_first_text() -> None:
    series = series_of(*(priced(day, prompt=text) for day, text in enumerate(("0.6", "0.6000000000000001", "0.60"))))
    assert texts(series) == [(day_of(0), None, "0.6")]


def test_a_rate_is_unknown_before_it_was_stated_and_zero_is_another_thing() -> None:
    series = series_of(priced(0), priced(1, image="0"), priced(2, image="0.5"), priced(3))
    assert texts(series, "image") == [
        (day_of(0), day_of(1), None),
        (day_of(1), day_of(2), "0"),
        (day_of(2), day_of(3), "0.5"),
        (day_of(3), None, None),
    ]


def test_the_window_in_force_makes_no_period() -> None:
    story = [priced(day, prompt=price, overrides=DAY_AND_NIGHT) for day, price in enumerate(("0.1", "0.3", "0.1"))]
    assert texts(series_of(*story)) == [(day_of(0), None, "0.1")]


def test_a_base_price_that_comes_beside_windows_of_the_whole_week_makes_no_period() -> None:
    story = [priced(day, prompt=price, overrides=DAY_AND_NIGHT) for day, price in enumerate((None, "0.1"))]
    assert texts(series_of(*story)) == [(day_of(0), None, None)]


def test_a_new_tier_makes_a_period_and_keeps_its_conditions() -> None:
    tier: Json = [{"min_prompt_tokens": 200_000, "prompt": "3"}]
    series = series_of(priced(0, prompt="1"), priced(1, prompt="1", overrides=tier))
    assert texts(series) == [(day_of(0), day_of(1), "1"), (day_of(1), None, "1")]
    (entry,) = series.rates["prompt"][1].tariff.entries
    assert (entry.conditions.more_than_tokens, entry.price.text) == (200_000, "3")


def test_no_entries_make_no_series() -> None:
    assert price_series(()) is None


def test_a_mean_weighs_each_price_by_its_time_within_the_range() -> None:
    found = prompt_over([priced(0, prompt="1"), priced(3, prompt="2"), priced(4, prompt="8")], 1, 5)
    assert found.held == held(("1", 2), ("2", 1), ("8", 1))
    assert found.mean == Fraction(2 * 1 + 2 + 8, 4)
    assert (found.least, found.greatest) == (parse_price("1"), parse_price("8"))


def test_time_away_and_time_without_a_price_count_for_nothing_and_are_told() -> None:
    story = [priced(0, prompt="1"), absent(2), priced(3, prompt="-1"), priced(5, prompt="4"), priced(6, prompt=None)]
    found = prompt_over(story, 0, 10)
    assert [(each.state, int(each.days)) for each in found.held] == [
        (PriceState.KNOWN, 2),
        (PriceState.DYNAMIC, 2),
        (PriceState.KNOWN, 1),
        (PriceState.UNKNOWN, 4),
    ]
    assert found.away_days == 1
    assert found.mean == Fraction(2 * 1 + 4, 3)
    assert (found.least, found.greatest) == (parse_price("1"), parse_price("4"))


def test_windows_have_their_share_of_the_week() -> None:
    found = prompt_over([priced(0, prompt="0.1", overrides=DAY_AND_NIGHT)], 0, 2)
    assert found.held == (Held(parse_price("0.1"), Fraction(1, 2)), Held(parse_price("0.3"), Fraction(3, 2)))
    assert found.mean == Fraction("0.25")


def test_windows_that_leave_hours_free_leave_them_to_the_base_price() -> None:
    weekend: Json = [{"utc_days": ["saturday", "sunday"], "prompt": "8"}]
    assert prompt_over([priced(0, prompt="1", overrides=weekend)], 0, 7).mean == Fraction(5 * 1 + 2 * 8, 7)


@pytest.mark.parametrize(
    ("overrides", "unknown"),
    [
        ([{"min_prompt_tokens": 200_000, "prompt": "9"}], ()),
        ([{"phase_of_moon": 3, "prompt": "9"}], ("phase_of_moon=3",)),
    ],
    ids=["longer prompts", "unknown conditions"],
)
def test_a_mean_is_that_of_a_short_prompt_under_known_conditions(overrides: Json, unknown: tuple[str, ...]) -> None:
    found = prompt_over([priced(0, prompt="1", overrides=overrides)], 0, 1)
    assert found.held == held(("1", 1))
    assert found.mean == 1
    assert found.unknown_conditions == unknown


@pytest.mark.parametrize(("since", "until"), [(-5, 0), (9, 12), (3, 3), (4, 1)])
def test_a_range_outside_the_lifetime_or_without_length_has_no_price(since: int, until: int) -> None:
    found = prompt_over([priced(0, prompt="1"), absent(9)], since, until)
    assert found == PriceSummary((), Fraction(0), None, None, None, ())


def test_a_rate_the_model_never_stated_is_unknown_all_the_time() -> None:
    found = summary(series_of(priced(0), absent(2)), "video", since=day_of(0), until=day_of(9))
    assert found.held == (Held(None, Fraction(2)),)
    assert found.mean is None
