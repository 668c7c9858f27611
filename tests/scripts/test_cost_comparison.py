"""The tables beside other libraries: what is said of each way in which a total can differ."""

from collections.abc import Mapping

import pytest

from llmanac.pricing.rate_card import rate_card
from scripts.cost_comparison.cases import CASES, RATES
from scripts.cost_comparison.compare import Finding, Verdict, compare
from scripts.cost_comparison.page import page
from tests.build import Json, record
from tests.usage.made import model_of

TIER: Json = [{"min_prompt_tokens": 200_000, "prompt": "0.000004"}]
NIGHT: Json = [{"utc_start": 0, "utc_end": 600, "prompt": "0.000001"}]


def findings(rates: Mapping[str, Json], theirs: Mapping[str, str | None]) -> dict[str, Finding]:
    """By what stands before the colon of a case, which names what the other library says; a rate by its own name."""
    card = rate_card(model_of(record(id="acme/owl", pricing=dict(rates))))
    totals: dict[tuple[str, str], str | None] = {(card.id, rate): theirs.get(rate) for rate in RATES}
    totals |= {(card.id, case.name): theirs.get(_short(case.name)) for case in CASES}
    found = compare([card], totals)
    return {_short(each.case): each for each in found}


def _short(case: str) -> str:
    return case.partition(":")[0]


PLAIN: dict[str, Json] = {"prompt": "0.000002", "completion": "0.00001"}
SAME = {"prompt": "0.002", "completion": "0.01"}


@pytest.mark.parametrize(
    ("rates", "case", "theirs", "verdict", "because"),
    [
        (PLAIN, "plain", "0.0076", Verdict.SAME, ""),
        (PLAIN, "plain", "0.007600000000000001", Verdict.NOISE, ""),
        (PLAIN, "plain", None, Verdict.ABSENT, ""),
        ({"prompt": "-1", "completion": "-1"}, "plain", "0", Verdict.INVENTED, "`prompt`: dynamic"),
        ({**PLAIN, "overrides": TIER}, "beyond it", "0.410002", Verdict.TIER, "more than 200000 tokens"),
        (PLAIN, "beyond it", "0.810004", Verdict.TIER, "the record has no tier"),
        ({**PLAIN, "overrides": NIGHT}, "by night", "0.0076", Verdict.HOUR, "06:00"),
        (PLAIN, "cache read", "0.012", Verdict.CACHE, "`input_cache_read` is not stated"),
    ],
)
def test_a_difference_is_told_by_its_cause(
    rates: dict[str, Json], case: str, theirs: str | None, verdict: Verdict, because: str
) -> None:
    one = findings(rates, {**SAME, case: theirs})[case]
    assert one.verdict is verdict
    assert because in one.because


def test_another_rate_is_told_with_both_prices() -> None:
    one = findings(PLAIN, {**SAME, "plain": "0.0085", "prompt": "0.0025"})["plain"]
    assert (one.verdict, one.because) == (Verdict.PRICE, "`prompt` $2/M in the record, $2.5/M there")


def test_the_page_counts_what_agrees_and_who_is_right() -> None:
    found = {
        "one": list(findings(PLAIN, {"plain": "0.0076"}).values()),
        "other": list(findings(PLAIN, {"plain": "0.0075", "prompt": "0.001"}).values()),
    }
    text = page(found, {"one": "1.0", "other": "2.0"}, models=1, day="2026-10-26")
    assert "| plain: 1,800 in, 400 out | 1 | 0 | 0 | 0 | 1 | 0 | 0 |" in text
    assert "### Where other differs" in text
    assert "`acme/owl`, plain: $0.0076 here, $0.0075 there" in text
