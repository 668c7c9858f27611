"""Every case of the table comes out as worked out by hand."""

import json
from fractions import Fraction

import pytest

from llmanac.catalogue.money import plain
from llmanac.cost.quote import Quote, quote
from llmanac.pricing.rate_card import rate_card
from tests.cost.worked import Case, cases, results, wrong_sums
from tests.shared_data import facts, real_lists
from tests.strategies import taken

CASES = cases()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def priced(case: Case) -> Quote:
    return quote(rate_card(case.model), case.workloads, now=case.now)


@each_case
def test_the_quote_is_as_worked_out_by_hand(case: Case) -> None:
    found = priced(case)
    lines = [(line.rate, line.price, plain(line.quantity), plain(line.amount)) for line in found.lines]
    assert lines == case.lines
    assert plain(found.known_total) == (case.total or case.known_total)
    assert (None if found.total is None else plain(found.total)) == case.total
    assert found.complete == (not case.missing)
    assert [(missing.rate, missing.reason) for missing in found.missing] == case.missing
    assert list(found.assumed) == case.assumed


@each_case
def test_each_line_names_the_override_it_came_from(case: Case) -> None:
    expected = case.conditions or [-1] * len(case.lines)
    found = priced(case).lines
    overrides = case.pricing.get("overrides", [])
    for line, place in zip(found, expected, strict=True):
        if place == -1:
            assert (line.condition, line.why) == (None, "")
            continue
        assert isinstance(overrides, list)
        stated = {name: value for name, value in overrides[place].items() if name.startswith(("min_", "utc_"))}
        assert json.loads(line.condition or b"null") == stated
    if case.why is not None:
        assert found[0].why == case.why


@each_case
def test_each_line_has_the_unit_of_its_rate(case: Case) -> None:
    usual = {"request": "request", "web_search": "search"}
    expected = case.units or [usual.get(rate, "token") for rate, *_ in case.lines]
    assert [line.unit for line in priced(case).lines] == expected


@each_case
def test_what_is_missing_is_said_in_words(case: Case) -> None:
    found = priced(case).missing
    assert all(missing.rate in missing.detail for missing in found if "overrides" not in missing.detail)
    if case.detail:
        assert case.detail in found[0].detail


@each_case
def test_the_arithmetic_beside_each_case_is_right(case: Case) -> None:
    assert wrong_sums(case.arithmetic) == []
    amounts = {Fraction(amount) for *_, amount in case.lines}
    assert amounts <= results(case.arithmetic)
    if case.lines:
        assert Fraction(case.total or case.known_total or "") in results(case.arithmetic)


def test_there_are_enough_cases_and_none_twice() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.real_lists
@pytest.mark.parametrize("case", [case for case in CASES if case.dated], ids=lambda case: case.name)
def test_the_real_prices_are_those_of_their_day(case: Case) -> None:
    assert case.dated is not None
    lists = (
        [facts()] if case.dated == "2026-10-26" else [real for real in real_lists() if f"/{case.dated}" in str(real)]
    )
    for real in lists or real_lists()[:1]:
        listed = next(model for model in taken(real.raw()).models if model.id == case.id)
        assert json.loads(listed.record)["pricing"] == case.pricing
        assert listed.architecture.output_modalities == case.gives
