"""Quotes in their order, against a current choice, and what a budget buys of them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.cost.budget import Affordable, affordable
from llmanac.cost.quote import Quote, quote
from llmanac.cost.rank import Difference, difference, ranked
from llmanac.cost.workload import Workload
from llmanac.pricing.rate_card import rate_card
from tests.cost.strategies import MONDAY
from tests.cost.worked import model
from tests.strategies import quick


def cost(name: str, prompt: str | None, workload: Workload | None = None) -> Quote:
    """A thousand input tokens and one output token; without a price for the prompt it is incomplete."""
    pricing = {"completion": "0.001", **({} if prompt is None else {"prompt": prompt})}
    asked = workload or Workload(prompt_tokens=1000, completion_tokens=1)
    return quote(rate_card(model(pricing, name=name)), asked, now=MONDAY)


def test_the_cheapest_is_first_and_what_is_incomplete_last() -> None:
    quotes = [cost("acme/unknown", None), cost("acme/dear", "0.01"), cost("acme/b", "0.001"), cost("acme/a", "0.0010")]
    assert [each.id for each in ranked(quotes)] == ["acme/a", "acme/b", "acme/dear", "acme/unknown"]


def test_incomplete_ones_are_in_order_of_what_is_known() -> None:
    more = cost("acme/more", None, Workload(prompt_tokens=1, completion_tokens=2))
    less = cost("acme/z-less", None, Workload(prompt_tokens=1, completion_tokens=1))
    assert [each.id for each in ranked([more, less])] == ["acme/z-less", "acme/more"]


@quick
@given(st.lists(st.tuples(st.sampled_from(("0.1", "0.10", "0.2", None)), st.integers(0, 99)), unique=True))
def test_the_order_does_not_depend_on_the_order_of_asking(found: list[tuple[str | None, int]]) -> None:
    quotes = [cost(f"acme/{number}-{prompt}", prompt) for prompt, number in found]
    assert ranked(quotes) == ranked(reversed(quotes))


def test_the_difference_is_exact() -> None:
    # 1.001 and 2.001: 1 more, which is 100 / 1.001 percent.
    found = difference(cost("acme/b", "0.002"), cost("acme/a", "0.001"))
    assert found == Difference(Decimal(1), Fraction(100_000, 1001))


def test_a_free_current_choice_has_no_percent() -> None:
    free = cost("acme/free", "0", Workload(prompt_tokens=1000))
    found = difference(cost("acme/a", "0.001", Workload(prompt_tokens=1000)), free)
    assert found is not None
    assert (found.amount, found.percent) == (Decimal(1), None)


def test_with_something_missing_there_is_no_difference() -> None:
    assert difference(cost("acme/unknown", None), cost("acme/a", "0.001")) is None
    assert difference(cost("acme/a", "0.001"), cost("acme/unknown", None)) is None


@pytest.mark.parametrize(
    ("budget", "requests", "left"),
    [
        (Decimal("10.01"), 10, Decimal(0)),  # 10 × 1.001 = 10.01
        (Decimal("10.009"), 9, Decimal(1)),  # 9 × 1.001 = 9.009; 10.009 - 9.009 = 1
        (Decimal(1), 0, Decimal(1)),
        (Decimal("1e9"), 999_000_999, Decimal("0.001")),  # 999000999 × 1.001 = 999999999.999
    ],
)
def test_a_budget_buys_whole_requests_and_leaves_the_rest(budget: Decimal, requests: int, left: Decimal) -> None:
    assert affordable(cost("acme/a", "0.001"), budget) == Affordable(requests, left)


def test_what_is_free_can_be_bought_without_end() -> None:
    assert affordable(cost("acme/a", "0", Workload(prompt_tokens=5)), Decimal(1)) == Affordable(None, Decimal(1))


def test_what_is_not_known_cannot_be_bought() -> None:
    assert affordable(cost("acme/unknown", None), Decimal(100)) is None


@quick
@given(st.integers(1, 10**9), st.decimals(0, 10**6, places=6))
def test_one_request_more_would_be_too_much(millionths: int, budget: Decimal) -> None:
    one = cost("acme/a", f"{millionths}e-6", Workload(prompt_tokens=1))
    found = affordable(one, budget)
    assert found is not None
    assert found.requests is not None
    price = Fraction(one.known_total)
    assert found.requests * price + Fraction(found.left) == Fraction(budget)
    assert 0 <= Fraction(found.left) < price
