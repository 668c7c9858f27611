"""Prices over time as they are shown: exact, whole, and adding up."""

from datetime import timedelta
from fractions import Fraction

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from llmanac.history.label import relabel
from llmanac.history.price_series import PriceSeries, price_series
from llmanac.render.history import ModelHistory, RateHistory, show_lifetime, show_prices
from tests.history.stories import FLAP, Moment, absent, day_of, priced, told
from tests.strategies import quick


def series(*moments: Moment) -> PriceSeries:
    made = price_series(relabel(told(*moments), FLAP))
    assert made is not None
    return made


def prompt(made: PriceSeries, since: float, until: float) -> RateHistory:
    shown = show_prices(made, since=day_of(since), until=day_of(until))
    return next(rate for rate in shown if rate.rate == "prompt")


def test_an_interval_is_shown_whole_when_it_touches_the_range() -> None:
    made = series(priced(0, prompt="1"), priced(10, prompt="2"), priced(20, prompt="3"))

    def prices(since: float, until: float) -> list[str | None]:
        return [interval.price for interval in prompt(made, since, until).intervals]

    assert prices(0, 30) == ["1", "2", "3"]
    assert prices(0, 9) == ["1"]
    assert prices(0, 10) == ["1", "2"], "the price that begins as the range ends is in force then"
    assert prices(10, 20) == ["2", "3"]
    assert prices(25, 26) == ["3"]
    assert prices(30, 40) == ["3"], "the last one has not ended"
    assert prices(9, 5) == ["1"], "an impossible range has no days"
    assert prompt(made, 9, 5).days == ()


def test_names_on_the_wire_are_from_and_to() -> None:
    made = series(priced(0, prompt="1"), absent(1))
    (period,) = show_lifetime(made.lifetime)
    assert msgspec.to_builtins(period) == {"from": "2026-06-01T04:00:00Z", "to": "2026-06-02T04:00:00Z"}
    assert {"from", "to"} <= {field.encode_name for field in msgspec.structs.fields(ModelHistory)}


_days = st.lists(st.integers(0, 400), min_size=1, max_size=8, unique=True).map(sorted)
_prices = st.lists(st.sampled_from(["0", "0.1", "0.10", "2", "-1", None]), min_size=8, max_size=8)


@quick
@given(_days, _prices, st.integers(0, 400), st.integers(0, 400))
def test_days_add_up_to_the_time_listed_in_the_range(
    days: list[int], prices: list[str | None], since: int, length: int
) -> None:
    # A price of None stands for a list without the model; the first one has it.
    moments = [
        absent(day) if price is None else priced(day, prompt=price) for day, price in zip(days, prices, strict=False)
    ]
    if prices[0] is None:
        moments[0] = priced(days[0], prompt="1")
    made = series(*moments)
    until = since + length
    shown = prompt(made, since, until)
    listed = timedelta()
    for period in made.lifetime.listed:
        ends = min(period.until or day_of(until), day_of(until))
        listed += max(ends - max(period.since, day_of(since)), timedelta())
    assert sum((Fraction(each.days) for each in shown.days), Fraction(0)) == Fraction(listed // timedelta(days=1))
    known = [Fraction(each.price) for each in shown.days if each.state in ("known", "zero") and each.price]
    if known:
        assert shown.min is not None
        assert shown.max is not None
        assert (Fraction(shown.min), Fraction(shown.max)) == (min(known), max(known))
        assert Fraction(shown.min) <= Fraction(shown.mean or "-1") <= Fraction(shown.max)
    else:
        assert (shown.min, shown.max, shown.mean) == (None, None, None)
