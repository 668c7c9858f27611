"""Prices: exact, kept byte for byte, and never zero, dynamic and unknown mixed up."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.catalogue.money import (
    MAX_PRICE_CHARACTERS,
    MAX_PRICE_EXPONENT,
    PriceState,
    parse_price,
    per_million,
    plain,
    price_key,
    price_state,
    same_price,
)
from tests.strategies import price_texts, quick


@quick
@given(price_texts())
@example("1e30")
@example("1e-30")
@example("0." + "0" * 29 + "1")
@example("9" * 31)
@example("0" * MAX_PRICE_CHARACTERS)
def test_a_price_keeps_its_text_and_has_the_amount_it_says(text: str) -> None:
    price = parse_price(text)
    assert price.text == text
    assert Fraction(price.amount) == Fraction(text)


@quick
@given(st.text(max_size=70))
def test_any_text_is_a_price_or_a_value_error(text: str) -> None:
    try:
        price = parse_price(text)
    except ValueError:
        return
    assert price.amount.is_finite()
    assert price.amount >= 0 or price.amount == -1


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "free", " 1", "1 ", "1\n", "NaN", "sNaN", "Infinity", "-Infinity", "1_0", "٣", "0x1", "1,5"),
        *("-0.1", "-2", "1e31", "1e-31", "1e999999999", "1e-999999999", "0" * (MAX_PRICE_CHARACTERS + 1)),
    ],
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Expected a"):
        parse_price(text)


@pytest.mark.parametrize("text", ["0e-999999999", "0e999999999", "-0e-999999999", "0.0e-99999"])
def test_a_zero_with_an_enormous_exponent_is_no_price_to_reckon_with(text: str) -> None:
    """In plain digits `0e-999999999` is a gigabyte on its way to "0"."""
    try:
        exponent = parse_price(text).amount.as_tuple().exponent
    except ValueError:
        return
    assert isinstance(exponent, int)
    assert abs(exponent) <= MAX_PRICE_CHARACTERS + MAX_PRICE_EXPONENT


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("0", PriceState.ZERO),
        ("0.000", PriceState.ZERO),
        ("-0", PriceState.ZERO),
        ("-1", PriceState.DYNAMIC),
        ("-1.0", PriceState.DYNAMIC),
        ("0.0000004", PriceState.KNOWN),
        ("1e-7", PriceState.KNOWN),
    ],
)
def test_zero_dynamic_and_known_are_three_states(text: str, state: PriceState) -> None:
    assert parse_price(text).state is state


def test_a_price_that_is_not_stated_is_unknown() -> None:
    assert price_state(None) is PriceState.UNKNOWN


@quick
@given(price_texts())
@example("0.0000000123456789012345678901234567891234567")
def test_a_price_per_million_is_exact_and_plain(text: str) -> None:
    shown = per_million(parse_price(text))
    assert Fraction(shown) == Fraction(text) * 10**6
    assert set(shown) <= set("-0123456789.")
    assert "." not in shown or not shown.endswith(("0", "."))


@quick
@given(price_texts(), price_texts())
def test_same_price_is_symmetric_and_holds_for_one_amount_in_two_spellings(one: str, other: str) -> None:
    first, second = parse_price(one), parse_price(other)
    assert same_price(first, first)
    assert same_price(first, second) == same_price(second, first)
    if first.amount == second.amount:
        assert same_price(first, second)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.0000006000000000000001", "0.0000006", True),
        ("0.00000059999999999999", "0.0000006", True),
        ("0.999999999999999", "1", True),
        ("0.000000600001", "0.0000006", False),
        ("0.0000006", "0.000006", False),
        ("0", "0.00", True),
        ("0", "1e-30", False),
        ("-1", "1", False),
    ],
)
def test_float_noise_is_the_same_price_and_a_real_difference_is_not(one: str, other: str, *, same: bool) -> None:
    assert same_price(parse_price(one), parse_price(other)) is same


@quick
@given(price_texts(), price_texts())
@example("9.999999999995", "10")
@example("0.1000000000005", "0.100000000000")
@example("0.1000000000015", "0.100000000002")
def test_prices_have_one_key_exactly_when_they_are_the_same_price(one: str, other: str) -> None:
    first, second = parse_price(one), parse_price(other)
    twelve_digits = [f"{price.amount or Decimal(0):.11e}" for price in (first, second)]
    same = twelve_digits[0] == twelve_digits[1]
    assert (price_key(first) == price_key(second)) == same
    assert same_price(first, second) == same


@quick
@given(st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=12))
def test_plain_digits_have_no_exponent_and_no_trailing_zeros(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert "." not in text or not text.endswith(("0", "."))


def test_no_zero_is_shown_as_negative() -> None:
    assert per_million(parse_price("-0.0")) == "0"
