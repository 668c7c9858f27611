"""By how much a price moved: exact, and shown with two decimals."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.history.percent import price_percent, shown_percent
from tests.strategies import price_texts, quick


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ('"0.000002"', '"0.000001"', "-50.00"),
        ('"0.000001"', '"0.000002"', "100.00"),
        ('"0.03"', '"0.01"', "-66.67"),
        ("3", '"3.00"', "0.00"),
        ('"1"', '"0"', "-100.00"),
        ('"200"', '"200.01"', "0.00"),
        ('"200"', '"200.03"', "0.02"),
        ('"200"', '"199.99"', "0.00"),
        ('"1e-3"', '"1e30"', "9" * 33 + "00.00"),
    ],
)
def test_the_percent_of_a_price_is_shown_with_two_decimals(before: str, after: str, shown: str) -> None:
    percent = price_percent(before, after)
    assert percent is not None
    assert shown_percent(percent) == shown


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, '"1"'),
        ('"1"', None),
        ('"0"', '"1"'),
        ('"-1"', '"1"'),
        ('"1"', '"-1"'),
        ("null", '"1"'),
        ('"1"', '"free"'),
        ("[1]", '"1"'),
        ('"1"', "{}"),
    ],
)
def test_there_is_no_percent_without_two_prices_and_a_first_one_above_zero(
    before: str | None, after: str | None
) -> None:
    assert price_percent(before, after) is None


@quick
@given(price_texts(), price_texts())
def test_a_percent_leads_exactly_from_the_first_price_to_the_second(before: str, after: str) -> None:
    percent = price_percent(f'"{before}"', f'"{after}"')
    if percent is not None:
        assert Fraction(before) * (1 + percent / 100) == Fraction(after)


@quick
@given(st.fractions())
def test_what_is_shown_is_the_nearest_two_decimals(percent: Fraction) -> None:
    shown = shown_percent(percent)
    assert abs(Fraction(shown) - percent) <= Fraction(1, 200)
    assert shown != "-0.00"
    assert "+" not in shown
