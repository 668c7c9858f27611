"""What cannot be exact is shown to a fixed number of digits."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.pricing.decimal_math import SHOWN_DIGITS, decimal_text
from tests.strategies import quick


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Fraction(1, 3), "0.333333333333"),
        (Fraction(2, 3), "0.666666666667"),
        (Fraction(5, 2), "2.5"),
        (Fraction(0), "0"),
        (Fraction(1, 3 * 10**9), "0.000000000333333333333"),
        (Fraction(1000000000005, 10), "100000000000"),
        (Fraction(1000000000015, 10), "100000000002"),
    ],
)
def test_an_amount_is_shown_with_twelve_significant_digits_half_to_even(amount: Fraction, text: str) -> None:
    assert decimal_text(amount) == text


@quick
@given(st.fractions(min_value=0, max_value=10**6))
def test_what_is_shown_is_off_by_half_a_digit_at_most(amount: Fraction) -> None:
    shown = Decimal(decimal_text(amount))
    assert abs(Fraction(shown) - amount) <= amount / 2 / 10 ** (SHOWN_DIGITS - 1)
