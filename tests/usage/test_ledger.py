"""What calls come to: exactly what they come to one by one, whatever the order and however the file is cut."""

import random
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.ids import ModelId
from llmanac.cost.quote import Quote, quote
from llmanac.cost.workload import Workload
from llmanac.pricing.rate_card import rate_card
from llmanac.usage.ledger import Period
from llmanac.usage.report import UsageReport
from tests.build import Json, architecture, pricing, record
from tests.strategies import examples
from tests.usage.made import START, answer, jsonl, model_of, prices, report, timeline

OWL_1 = record(id="acme/owl", pricing=pricing(prompt="0.000003", completion="0.00001"))
OWL_2 = record(id="acme/owl", pricing=pricing(prompt="0.000002", completion="0.00001", input_cache_read="0.0000001"))
NIGHT = record(
    id="acme/night-jar",
    pricing=pricing(
        prompt="0.000004",
        overrides=[
            {"utc_start": 2230, "utc_end": 615, "prompt": "0.0000001"},
            {"min_prompt_tokens": 1000, "completion": "0.000009", "prompt": "0.00007"},
        ],
    ),
)
ROUTER = record(id="acme/router", pricing={"prompt": "-1", "completion": "-1"})
HALF = record(id="acme/half", pricing={"completion": "0.000001"})
PAINTER = record(
    id="acme/painter",
    architecture=architecture(("text",), ("text", "image")),
    pricing={"prompt": "0.0000003", "completion": "0.0000025", "image_output": "0.00003"},
)
LISTED = {"acme/owl": OWL_2, "acme/night-jar": NIGHT, "acme/router": ROUTER, "acme/half": HALF, "acme/painter": PAINTER}
PRICES = prices(
    timeline((0, OWL_1), (30.5, OWL_2)), *(timeline((0, each)) for name, each in LISTED.items() if name != "acme/owl")
)

counts = st.integers(0, 3000)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, float, dict[str, int]]:
    prompt, completion = draw(counts), draw(counts)
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "cached": draw(st.integers(0, prompt)) if draw(st.booleans()) else 0,
        "reasoning": draw(st.integers(0, completion)) if draw(st.booleans()) else 0,
        "image": draw(st.integers(0, 5)) * 100 if draw(st.integers(0, 4)) == 0 else 0,
    }
    return draw(st.sampled_from(sorted(LISTED))), draw(st.integers(0, 48 * 4)) / 4, usage


def line(call: tuple[str, float, dict[str, int]]) -> Json:
    name, hours, usage = call
    return answer(
        name,
        hours,
        {
            "prompt_tokens": usage["prompt_tokens"],
            "completion_tokens": usage["completion_tokens"] + usage["image"],
            "prompt_tokens_details": {"cached_tokens": usage["cached"]},
            "completion_tokens_details": {"reasoning_tokens": usage["reasoning"], "image_tokens": usage["image"]},
        },
    )


def single(call: tuple[str, float, dict[str, int]]) -> Quote:
    """What one call costs by itself."""
    name, hours, usage = call
    record_then = OWL_1 if name == "acme/owl" and hours < 30.5 else LISTED[name]
    workload = Workload(
        prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"],
        cache_read_tokens=usage["cached"],
        reasoning_tokens=usage["reasoning"],
        image_tokens_out=usage["image"],
        at=START + timedelta(hours=hours),
    )
    return quote(rate_card(model_of(record_then)), workload, now=START)


def total(found: UsageReport) -> Fraction:
    return Fraction(found.sum.known_total)


@examples(60)
@given(st.lists(calls(), max_size=25), st.sampled_from([None, *Period]), st.integers(30, 3000))
def test_a_file_costs_what_its_calls_cost_one_by_one(
    made: list[tuple[str, float, dict[str, int]]], period: Period | None, piece: int
) -> None:
    found = report(PRICES, jsonl(map(line, made)), period=period, piece=piece)
    singles = [single(call) for call in made]
    assert total(found) == sum((Fraction(each.known_total) for each in singles), Fraction(0))
    assert found.sum.complete == all(each.complete for each in singles)
    for rate, reason in {(each.rate, each.reason) for one in singles for each in one.missing}:
        (gap,) = (gap for gap in found.sum.missing if (gap.rate, gap.reason) == (rate, reason))
        assert gap.calls == sum(
            any(each.rate == rate and each.reason == reason for each in one.missing) for one in singles
        )
    assert found.sum.calls == len(made)
    assert sum((Fraction(row.known_total) for row in found.rows), Fraction(0)) == total(found)
    assert sum(row.calls for row in found.rows) == len(made)


@examples(40)
@given(st.lists(calls(), max_size=20), st.randoms(use_true_random=False), st.integers(0, 20))
def test_neither_order_nor_cuts_change_a_report(
    made: list[tuple[str, float, dict[str, int]]], shuffler: random.Random, cut: int
) -> None:
    whole = report(PRICES, jsonl(map(line, made)), period=Period.DAY)
    assert report(PRICES, jsonl(map(line, made[:cut])), jsonl(map(line, made[cut:])), period=Period.DAY) == whole
    shuffler.shuffle(made)
    assert report(PRICES, jsonl(map(line, made)), period=Period.DAY) == whole


def test_the_price_changes_at_the_instant_of_the_list_and_not_before() -> None:
    usage: Json = {"prompt_tokens": 1000}
    before, at = (report(PRICES, jsonl([answer("acme/owl", hours, usage)])) for hours in (30.5 - 1 / 3600, 30.5))
    assert (before.sum.total, at.sum.total) == ("0.003", "0.002")


def test_a_window_and_a_tier_are_those_of_each_call() -> None:
    evening = (datetime(2026, 10, 26, 22, 29, 59, tzinfo=START.tzinfo) - START) / timedelta(hours=1)
    made = [answer("acme/night-jar", evening, {"prompt_tokens": 1000})]
    made.append(answer("acme/night-jar", evening + 1 / 3600, {"prompt_tokens": 1000}))
    made.append(answer("acme/night-jar", 0, {"prompt_tokens": 1001, "completion_tokens": 1}))
    # 0.004 + 0.0001 + 1001 × 0.00007 + 0.000009
    assert report(PRICES, jsonl(made)).sum.total == "0.074179"


def test_rows_are_parted_by_model_and_period() -> None:
    content = jsonl([answer("acme/owl", hours, {"prompt_tokens": 10}) for hours in (0, 11.9, 12, 31, 24 * 6)])
    content += jsonl([answer("acme/half", 1, {"prompt_tokens": 0, "completion_tokens": 10})])
    days = report(PRICES, content, period=Period.DAY)
    assert [(row.period, row.model, row.calls) for row in days.rows] == [
        ("2026-10-26", "acme/half", 1),
        ("2026-10-26", "acme/owl", 2),
        ("2026-10-27", "acme/owl", 2),
        ("2026-11-01", "acme/owl", 1),
    ]
    months = report(PRICES, content, period=Period.MONTH, by_model=False)
    assert [(row.period, row.model, row.calls) for row in months.rows] == [("2026-10", None, 5), ("2026-11", None, 1)]
    hours = report(PRICES, content, period=Period.HOUR, by_model=False)
    assert hours.rows[0].period == "2026-10-26T12:00Z"


def test_calls_outside_the_lists_are_counted_and_not_priced() -> None:
    away = timeline((0, OWL_1), (10, None), (20, OWL_2), (30, None))
    content = jsonl([answer("acme/owl", hours, {"prompt_tokens": 1000}) for hours in (-1, 5, 10, 19, 25, 30, 99)])
    later = prices(away, timeline((-5, HALF)))
    found = report(later, content)
    assert (found.sum.calls, found.unpriced_calls, found.whole, found.lines) == (2, 5, False, 7)
    assert {(each.reason, each.calls) for each in found.unpriced} == {
        ("before 2026-10-26T12:00:00Z, when it is first known", 1),
        ("while it was not listed", 2),
        ("after 2026-10-27T18:00:00Z, when it was no longer listed", 2),
    }
    nearest = report(prices(away, timeline((-5, HALF)), nearest=True), content)
    # The first at the price after it, those in between and at the end at the price before.
    assert (nearest.sum.calls, nearest.unpriced_calls, nearest.sum.total) == (7, 0, "0.018")
    assert sum(each.calls or 0 for each in nearest.assumed) == 5
    before_all = report(prices(timeline((0, HALF))), jsonl([answer("acme/half", -1, {"prompt_tokens": 1})]))
    assert before_all.unpriced[0].reason == "before 2026-10-26 12:00, when the first list was had"


def test_names_that_are_no_ids_are_guessed_when_only_one_fits_and_told() -> None:
    known = [timeline((0, record(id=name))) for name in (
        "openai/gpt-4o", "openai/gpt-4o:free", "anthropic/claude-sonnet-4.5", "a/twin", "b/twin", "openrouter/auto"
    )]  # fmt: skip
    at = prices(*known, slugs={"anthropic/claude-4.5-sonnet-20250929": ModelId("anthropic/claude-sonnet-4.5")})
    for name, expected in (
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("openai/gpt-4o:free", "openai/gpt-4o:free"),
        ("openrouter/auto", "openrouter/auto"),
        ("openrouter/openai/gpt-4o", "openai/gpt-4o"),
        ("gpt-4o", "openai/gpt-4o"),
        ("GPT-4o", "openai/gpt-4o"),
        ("gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"),
        ("anthropic/claude-4.5-sonnet-20250929", "anthropic/claude-sonnet-4.5"),
        ("twin", None),
        ("gpt-4o-mini", None),
        ("openai/gpt-40", None),
    ):
        found = report(at, jsonl([answer(name, 1, {"prompt_tokens": 1})]))
        if expected is None:
            (unknown,) = found.unpriced
            assert (unknown.name, unknown.calls, found.rows) == (name, 1, ())
            assert unknown.near, name
        else:
            assert [row.model for row in found.rows] == [expected], name
            assert [each.calls for each in found.assumed] == ([] if name == expected else [1]), name
    assert set(report(at, jsonl([answer("twin", 1, {"prompt_tokens": 1})])).unpriced[0].near) == {"a/twin", "b/twin"}


def test_what_the_provider_said_is_compared_with_what_we_count() -> None:
    content = jsonl(
        [
            answer("acme/owl", 1, {"prompt_tokens": 1000, "cost": 0.0031}),
            answer("acme/owl", 1, {"prompt_tokens": 1000, "cost": 0}),
            answer("acme/owl", 1, {"prompt_tokens": 1000}),
        ]
    )
    (row,) = report(PRICES, content).rows
    assert (row.total, row.stated_calls, row.stated_total, row.difference) == ("0.009", 2, "0.0031", "0.0029")


def test_sums_beyond_a_count_are_exact() -> None:
    most = 10**12
    usage: Json = {
        "prompt_tokens": most,
        "completion_tokens": most,
        "prompt_tokens_details": {"cached_tokens": most - 1, "cache_write_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": most - 7},
    }
    cached = record(id="acme/owl", pricing=pricing(request="0.5", input_cache_write="0.7"))
    found = report(prices(timeline((0, cached))), jsonl([answer("acme/owl", 1, usage)] * 7))
    one = Workload(
        prompt_tokens=most,
        completion_tokens=most,
        cache_read_tokens=most - 1,
        cache_write_tokens=1,
        reasoning_tokens=most - 7,
    )
    alone = quote(rate_card(model_of(cached)), one, now=START)
    assert alone.complete
    assert total(found) == 7 * Fraction(alone.known_total)


@pytest.mark.parametrize("period", [None, Period.DAY, Period.HOUR])
def test_memory_grows_with_the_report_and_not_with_the_file(period: Period | None) -> None:
    """The same calls a hundred times make no more sums."""
    content = jsonl([answer("acme/owl", hours, {"prompt_tokens": 10}) for hours in range(50)])
    once, often = (report(PRICES, *[content] * times, period=period) for times in (1, 100))
    assert len(once.rows) == len(often.rows)
    assert total(often) == 100 * total(once)
