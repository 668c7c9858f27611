"""What holds of every quote, whatever the prices and the workload."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.money import parse_price
from llmanac.cost.quote import Quote, Reason, quote
from llmanac.cost.workload import Week, Workload
from llmanac.pricing.rate_card import RateCard, rate_card
from tests.cost.strategies import MONDAY, cards, counts, pricings, weeks, workloads
from tests.cost.worked import model
from tests.strategies import quick


def priced(card: RateCard, *workload: Workload) -> Quote:
    return quote(card, workload, now=MONDAY)


def times(workload: Workload, requests: int) -> Workload:
    return msgspec.structs.replace(workload, requests=requests)


@quick
@given(cards(), workloads())
def test_the_lines_add_up_exactly(card: RateCard, workload: Workload) -> None:
    found = priced(card, workload)
    assert Fraction(found.known_total) == sum(Fraction(line.amount) for line in found.lines)
    for line in found.lines:
        assert Fraction(line.amount) == Fraction(line.quantity) * Fraction(parse_price(line.price).amount)
    assert found.total == (None if found.missing else found.known_total)


@quick
@given(cards(), workloads())
def test_no_line_and_no_total_is_negative(card: RateCard, workload: Workload) -> None:
    found = priced(card, workload)
    assert all(line.amount >= 0 and line.quantity > 0 for line in found.lines)
    assert found.known_total >= 0


@quick
@given(cards(), workloads(), st.integers(1, 1000))
def test_so_many_times_the_requests_cost_so_many_times_as_much(card: RateCard, workload: Workload, factor: int) -> None:
    one = priced(card, times(workload, 1))
    many = priced(card, times(workload, factor))
    assert Fraction(many.known_total) == factor * Fraction(one.known_total)
    assert (many.missing, many.assumed) == (one.missing, one.assumed)


@quick
@given(cards(), st.lists(workloads(), max_size=4))
def test_several_workloads_cost_the_sum_of_each(card: RateCard, parts: list[Workload]) -> None:
    together, apart = priced(card, *parts), [priced(card, part) for part in parts]
    assert Fraction(together.known_total) == sum(Fraction(part.known_total) for part in apart)
    if together.complete:
        # The other way round it need not be: a model priced by its images is no longer doubted where there are some.
        assert all(part.complete or not part.known_total for part in apart)
    quantities = Counter[tuple[str, str, bytes | None]]()
    for part in apart:
        for line in part.lines:
            quantities[line.rate, line.unit + line.price, line.condition] += int(line.quantity)
    assert quantities == {(line.rate, line.unit + line.price, line.condition): line.quantity for line in together.lines}


@quick
@given(pricings(), counts(), counts(), counts(), counts(), st.integers(1, 9))
def test_tokens_cost_the_same_in_one_request_or_in_several_where_there_are_no_tiers(
    pricing: Mapping[str, object], fresh: int, read: int, completion: int, audio: int, parts: int
) -> None:
    card = rate_card(model({name: price for name, price in pricing.items() if name not in {"overrides", "request"}}))

    def workload(requests: int, share: int) -> Workload:
        return Workload(
            requests=requests,
            prompt_tokens=share * (fresh + read),
            cache_read_tokens=share * read,
            completion_tokens=share * completion,
            audio_tokens_in=share * audio,
        )

    assert priced(card, workload(1, parts)) == priced(card, workload(parts, 1))


@quick
@given(pricings(), workloads(), st.sampled_from(("prompt", "completion", "input_cache_read", "audio", "web_search")))
def test_a_cheaper_rate_never_makes_a_dearer_total(
    pricing: Mapping[str, object], workload: Workload, rate: str
) -> None:
    # Without `image`: whether that is the price of an image or of a token is read from its distance to `prompt`.
    pricing = {name: price for name, price in pricing.items() if name not in {"overrides", "image"}}
    price = str(pricing.get(rate, "-1"))
    dear, cheap = (
        priced(rate_card(model(pricing)), workload),
        priced(rate_card(model({**pricing, rate: _half(price)})), workload),
    )
    if dear.total is not None and cheap.total is not None:
        assert cheap.total <= dear.total


@quick
@given(cards(), workloads(), weeks())
def test_a_week_costs_what_its_requests_cost_one_by_one(card: RateCard, workload: Workload, week: Week) -> None:
    spread = msgspec.structs.replace(workload, requests=1, at=week)
    one_by_one = [
        msgspec.structs.replace(workload, requests=1, at=_at(hour, place, count))
        for hour, count in enumerate(week.hours)
        for place in range(count)
    ]
    found, expected = priced(card, spread), quote(card, one_by_one, now=MONDAY)
    assert spread.all_requests == len(one_by_one)
    assert found.known_total == expected.known_total
    assert set(found.missing) == set(expected.missing)
    assert sorted(found.lines, key=repr) == sorted(expected.lines, key=repr)


@quick
@given(cards(), workloads())
def test_what_is_missing_is_named_once_with_its_reason(card: RateCard, workload: Workload) -> None:
    missing = [(each.rate, each.reason) for each in priced(card, workload).missing]
    assert len(set(missing)) == len(missing)
    lines = {line.rate for line in priced(card, workload).lines}
    # Only a doubted price stands in a line all the same; text of a model that is priced by its images costs 0.
    assert not {rate for rate, reason in missing if reason is not Reason.CONDITION and rate != "completion"} & lines - {
        "image", "image_token"
    }  # fmt: skip


def _half(price: str) -> str:
    return price if price == "-1" else f"{Decimal(parse_price(price).amount) / 2:f}"


def _at(hour: int, place: int, count: int) -> datetime:
    return MONDAY + timedelta(hours=hour) + timedelta(hours=1) * place / count
