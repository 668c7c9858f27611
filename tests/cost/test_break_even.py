"""Where two models swap places, worked out by hand and checked against quotes at every count."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.ids import ModelId
from llmanac.cost.break_even import Axis, BreakEven, Incomparable, Stretch, Swap, break_even
from llmanac.cost.quote import quote
from llmanac.cost.workload import MAX_COUNT, Workload
from llmanac.pricing.rate_card import RateCard, rate_card
from tests.cost.strategies import MONDAY
from tests.cost.worked import model
from tests.strategies import quick

ONE, OTHER = ModelId("acme/one"), ModelId("acme/other")


def card(name: ModelId, **pricing: object) -> RateCard:
    return rate_card(model(pricing, name=name))


def compared(one: RateCard, other: RateCard, workload: Workload, axis: Axis) -> BreakEven:
    found = break_even(one, other, workload, axis, now=MONDAY)
    assert isinstance(found, BreakEven)
    return found


def test_they_swap_at_a_number_of_cached_tokens() -> None:
    # 1000 × 3 = 3000 without cache, less 3 - 0.3 = 2.7 for each cached token; the other costs 1000 × 2 = 2000 always.
    # 3000 - 2.7 r = 2000 at r = 1000 / 2.7 = 370.37…
    one = card(ONE, prompt="3", completion="0", input_cache_read="0.3")
    other = card(OTHER, prompt="2", completion="0")
    found = compared(one, other, Workload(prompt_tokens=1000), Axis.CACHED)
    assert found.swaps == (Swap(Fraction(10_000, 27), Fraction(0), Fraction(0)),)
    assert found.stretches == (Stretch(0, 370, OTHER), Stretch(371, 1000, ONE))


def test_they_swap_at_an_output_share() -> None:
    # 1000 × 1 + 10 y = 1000 × 3 + 5 y at y = 400: 400 of 1400 tokens, or 0.4 for each input token.
    one = card(ONE, prompt="1", completion="10")
    other = card(OTHER, prompt="3", completion="5")
    found = compared(one, other, Workload(prompt_tokens=1000), Axis.OUTPUT)
    assert found.swaps == (Swap(Fraction(400), Fraction(2, 7), Fraction(2, 5)),)
    assert found.stretches == (
        Stretch(0, 399, ONE),
        Stretch(400, 400, None),
        Stretch(401, None, OTHER),
    )


def test_they_never_swap_where_one_is_cheaper_at_all_rates() -> None:
    one = card(ONE, prompt="1", completion="2")
    other = card(OTHER, prompt="2", completion="3")
    for axis in Axis:
        found = compared(one, other, Workload(prompt_tokens=10, completion_tokens=1), axis)
        assert (found.swaps, [stretch.cheaper for stretch in found.stretches]) == ((), [ONE])


def test_a_meeting_at_the_edge_is_no_swap() -> None:
    # Without output both cost 10; with any the one costs more. With all of the prompt cached both cost 10.
    one, other = card(ONE, prompt="1", completion="2"), card(OTHER, prompt="1", completion="1")
    found = compared(one, other, Workload(prompt_tokens=10), Axis.OUTPUT)
    assert (found.swaps, found.stretches) == ((), (Stretch(0, 0, None), Stretch(1, None, OTHER)))
    one = card(ONE, prompt="2", completion="0", input_cache_read="1")
    found = compared(one, other, Workload(prompt_tokens=10), Axis.CACHED)
    assert (found.swaps, found.stretches) == ((), (Stretch(0, 9, OTHER), Stretch(10, 10, None)))


def test_a_tier_makes_them_swap_without_meeting() -> None:
    # Up to 100 tokens 1 each, above it 3 each; the other always costs 2 each.
    one = card(ONE, prompt="1", completion="0", overrides=[{"min_prompt_tokens": 100, "prompt": "3"}])
    other = card(OTHER, prompt="2", completion="0")
    found = compared(one, other, Workload(), Axis.PROMPT)
    assert found.swaps == ()
    assert found.stretches == (Stretch(0, 0, None), Stretch(1, 100, ONE), Stretch(101, None, OTHER))


def test_they_may_swap_back_and_forth_through_the_tiers() -> None:
    # Output: the one 50, the other 0. Prompt: up to 100 tokens 1 and 2 each, so they meet at 50; from 101 on 4 and 2.
    one = card(ONE, prompt="1", completion="50", overrides=[{"min_prompt_tokens": 100, "prompt": "4"}])
    other = card(OTHER, prompt="2", completion="0")
    found = compared(one, other, Workload(completion_tokens=1), Axis.PROMPT)
    assert [swap.at for swap in found.swaps] == [50]
    assert [stretch.cheaper for stretch in found.stretches] == [OTHER, None, ONE, OTHER]
    assert [stretch.first for stretch in found.stretches] == [0, 50, 51, 101]


def test_a_meeting_at_a_tier_is_no_swap_where_the_same_one_goes_on() -> None:
    # 100 + x = 2 x at x = 100, the last count below the tier; above it 100 + 4 x against 2 x.
    one = card(ONE, prompt="1", completion="100", overrides=[{"min_prompt_tokens": 100, "prompt": "4"}])
    other = card(OTHER, prompt="2", completion="0")
    found = compared(one, other, Workload(completion_tokens=1), Axis.PROMPT)
    assert found.swaps == ()
    assert found.stretches == (Stretch(0, 99, OTHER), Stretch(100, 100, None), Stretch(101, None, OTHER))


def test_what_cannot_be_priced_cannot_be_compared() -> None:
    one, other = card(ONE, prompt="1"), card(OTHER, prompt="1", completion="1")
    found = break_even(one, other, Workload(prompt_tokens=5), Axis.OUTPUT, now=MONDAY)
    assert found == Incomparable(1, ONE)


@st.composite
def priced_tokens(draw: st.DrawFn, name: ModelId) -> RateCard:
    price = st.integers(0, 9).map(str)
    tiers = st.fixed_dictionaries(
        {"min_prompt_tokens": st.integers(0, 60)}, optional={"prompt": price, "completion": price}
    )
    return card(
        name,
        prompt=draw(price),
        completion=draw(price),
        input_cache_read=draw(price),
        overrides=draw(st.lists(tiers, max_size=3)),
    )


@quick
@given(
    priced_tokens(ONE),
    priced_tokens(OTHER),
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.booleans()),
    st.sampled_from(Axis),
)
def test_at_every_count_the_cheaper_one_is_named(
    one: RateCard, other: RateCard, counts: tuple[int, int, int, bool], axis: Axis
) -> None:
    read, fresh, completion, included = counts
    workload = Workload(
        prompt_tokens=read + fresh if included else fresh,
        cache_read_tokens=read,
        completion_tokens=completion,
        input_includes_cache=included,
    )
    found = compared(one, other, workload, axis)
    assert _is_gapless(found.stretches)
    for stretch in found.stretches:
        last = stretch.first + 100 if stretch.last is None else stretch.last
        for count in {stretch.first, (stretch.first + last) // 2, last}:
            at = _with(workload, axis, count)
            costs = {each.id: quote(each, at, now=MONDAY).known_total for each in (one, other)}
            cheapest = [name for name, cost in costs.items() if cost == min(costs.values())]
            assert cheapest == ([stretch.cheaper] if stretch.cheaper else [one.id, other.id])
    for swap in found.swaps:
        if swap.at.denominator == 1:
            costs_there = {quote(each, _with(workload, axis, int(swap.at)), now=MONDAY).total for each in (one, other)}
            assert len(costs_there) == 1


def _with(workload: Workload, axis: Axis, count: int) -> Workload:
    values: Mapping[str, int | bool] = {
        "prompt_tokens": workload.prompt_tokens,
        "cache_read_tokens": workload.cache_read_tokens,
        "completion_tokens": workload.completion_tokens,
    } | {axis.value: count}
    prompt = values["prompt_tokens"]
    if axis is Axis.CACHED and not workload.input_includes_cache:
        prompt += workload.cache_read_tokens - count
    return Workload(
        prompt_tokens=prompt,
        cache_read_tokens=values["cache_read_tokens"],
        completion_tokens=values["completion_tokens"],
        input_includes_cache=workload.input_includes_cache,
    )


def _is_gapless(stretches: Sequence[Stretch]) -> bool:
    ends = [stretch.last for stretch in stretches[:-1]]
    return [end + 1 for end in ends if end is not None] == [stretch.first for stretch in stretches[1:]]


@pytest.mark.parametrize("axis", Axis)
def test_requests_of_a_whole_week_are_compared_as_well(axis: Axis) -> None:
    workload = Workload(requests=7, prompt_tokens=10, completion_tokens=1)
    one = card(ONE, prompt="1", completion="2", input_cache_read="1")
    other = card(OTHER, prompt="2", completion="1", input_cache_read="0")
    once = compared(one, other, Workload(prompt_tokens=10, completion_tokens=1), axis)
    assert compared(one, other, workload, axis) == once


def test_a_tier_that_no_prompt_can_reach_changes_nothing() -> None:
    far = [{"min_prompt_tokens": MAX_COUNT, "prompt": "9"}, {"min_prompt_tokens": MAX_COUNT + 7, "prompt": "8"}]
    plain, tiered = card(ONE, prompt="1", completion="2"), card(ONE, prompt="1", completion="2", overrides=far)
    other = card(OTHER, prompt="2", completion="0")
    found = compared(tiered, other, Workload(completion_tokens=10), Axis.PROMPT)
    assert found == compared(plain, other, Workload(completion_tokens=10), Axis.PROMPT)
    assert [swap.at for swap in found.swaps] == [20]


def test_a_count_that_cannot_grow_any_more_is_compared_where_it_is() -> None:
    one, other = (card(name, prompt="0", completion=price) for name, price in ((ONE, "1"), (OTHER, "2")))
    full = Workload(completion_tokens=MAX_COUNT, reasoning_tokens=MAX_COUNT)
    assert compared(one, other, full, Axis.OUTPUT) == BreakEven(Axis.OUTPUT, (Stretch(MAX_COUNT, MAX_COUNT, ONE),), ())
