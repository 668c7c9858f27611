"""Admitted or kept aside: each bound at its edge, from upstream's bytes to what is served."""

from fractions import Fraction
from pathlib import Path

import pytest

from llmanac.sync.run import SyncReport
from tests.build import Record, answer, pricing, record, records
from tests.sync.pipeline import Pipeline
from tests.upstream_simulator import UpstreamSimulator


def listed(pipeline: Pipeline, rows: list[Record]) -> SyncReport:
    pipeline.upstream.change(records=answer(rows))
    return pipeline.sync()


def with_bad(good: int, bad: int) -> bytes:
    unnamed: list[Record] = [{"id": place} for place in range(bad)]
    return answer([*records(good), *unnamed])


def priced(*prompts: str | None, others: str = "0.5") -> list[Record]:
    """Models of one price each, this for their prompt; None states none."""
    return [
        record(id=f"acme/{place}", pricing={"image": others} if text is None else {"prompt": text})
        for place, text in enumerate(prompts)
    ]


@pytest.mark.parametrize(("before", "after", "outcome"), [
    (10, 5, "changed"),
    (10, 4, "quarantined"),
    (11, 6, "changed"),
    (11, 5, "quarantined"),
    (1, 1, "unchanged"),
    (2, 1, "changed"),
    (3, 1, "quarantined"),
    (5, 500, "changed"),
])  # fmt: skip
def test_half_of_the_models_is_enough_and_one_fewer_is_not(
    before: int, after: int, outcome: str, local: Pipeline
) -> None:
    listed(local, records(before))
    report = listed(local, records(before)[:after] if after <= before else records(after))
    assert report.attempt.outcome == outcome
    assert len(local.ids) == (before if outcome == "quarantined" else after)
    if outcome == "quarantined":
        assert report.attempt.code == "SHRUNK"
        assert [(kept.reason, kept.model_count, kept.admissible) for kept in local.quarantine] == [
            ("shrunk", after, True)
        ]


@pytest.mark.parametrize(("good", "bad", "outcome"), [
    (4, 1, "changed"),
    (8, 2, "changed"),
    (7, 2, "quarantined"),
    (3, 1, "quarantined"),
    (399, 100, "quarantined"),
    (400, 100, "changed"),
])  # fmt: skip
def test_a_fifth_of_the_rows_may_be_rejected_and_no_more(good: int, bad: int, outcome: str, local: Pipeline) -> None:
    local.upstream.change(records=with_bad(good, bad))
    report = local.sync()
    assert report.attempt.outcome == outcome
    if outcome == "changed":
        assert (len(local.ids), report.rejects, len(local.served.snapshot.rejects)) == (good, bad, bad)
    else:
        assert report.attempt.code == "REJECTED_ROWS"
        assert local.state.serial is None


@pytest.mark.parametrize(("before", "after", "outcome"), [
    ("1 1 1", "10 1 1", "changed"),
    ("1 1 1", "10 10 1", "quarantined"),
    ("1 1 1 1", "10 10 1 1", "quarantined"),
    ("1 1 1 1", "10 1 1 1", "changed"),
    ("1 1 1", "9.999 9.999 9.999", "changed"),
    ("10 10 10", "1 1 10", "quarantined"),
    ("10 10 10", "1.001 1.001 1.001", "changed"),
    ("1 1 1", "0 0 1", "quarantined"),
    ("0 0 1", "1 0.1 1", "quarantined"),
    ("0 0 0", "0.00 0e5 0", "changed"),
    ("1 1 1", "1.0 1.00 1e0", "changed"),
    ("0.0000006000000000000001 1 1", "0.0000006 1 1", "changed"),
    ("-1 -1 1", "1 1 1", "changed"),
    ("1 1 1", "-1 -1 -1", "changed"),
    ("-1 1 1 1", "-1 10 1 1", "changed"),
    ("-1 -1 1", "-1 -1 10", "quarantined"),
])  # fmt: skip
def test_a_third_of_the_prices_may_change_tenfold_or_to_or_from_zero_and_no_more(
    before: str, after: str, outcome: str, local: Pipeline
) -> None:
    """A price decided per request (-1) is none to compare."""
    listed(local, priced(*before.split()))
    report = listed(local, priced(*after.split()))
    assert report.attempt.outcome == outcome
    if outcome == "quarantined":
        assert report.attempt.code == "REPRICED"


def test_a_rate_that_comes_or_goes_is_no_price_change(local: Pipeline) -> None:
    listed(local, priced("0", "0", "0", "1"))
    assert listed(local, priced(None, None, None, "1")).attempt.outcome == "changed"
    assert listed(local, priced("5", "5", "5", "1")).attempt.outcome == "changed"


def test_prices_of_models_that_come_or_go_are_not_counted(local: Pipeline) -> None:
    listed(local, priced("1", "1", "1"))
    fresh = [record(id=f"new/{place}", pricing=pricing(prompt="100")) for place in range(9)]
    assert listed(local, [*priced("1", "1", "1"), *fresh]).attempt.outcome == "changed"


@pytest.mark.parametrize(("rows", "code"), [
    (b'{"data": []}', "EMPTY"),
    (b'{"data": [1, 2]}', "EMPTY"),
    (b'{"error": {"code": 500, "message": "no"}}', "ERROR_OBJECT"),
    (b"<html></html>", "HTML"),
    (b"certainly not", "NOT_JSON"),
    (b'{"models": []}', "NO_LIST"),
])  # fmt: skip
def test_what_is_no_list_is_not_admitted_even_as_the_first(rows: bytes, code: str, local: Pipeline) -> None:
    local.upstream.change(records=rows)
    report = local.sync()
    assert (report.attempt.outcome, report.attempt.code) == ("quarantined", code)
    assert local.state.serial is None
    assert [kept.admissible for kept in local.quarantine] == [False]


def test_the_bounds_are_settings(tmp_path: Path, upstream: UpstreamSimulator) -> None:
    pipeline = Pipeline(
        f"sqlite:///{tmp_path / 'other.db'}",
        upstream,
        quarantine_min_share=Fraction(9, 10),
        quarantine_max_reject_share=Fraction(0),
        quarantine_max_repriced_share=Fraction(0),
    )
    listed(pipeline, records(10))
    assert listed(pipeline, records(10)[:9]).attempt.outcome == "changed"
    assert listed(pipeline, records(10)[:8]).attempt.code == "SHRUNK"
    upstream.change(records=with_bad(99, 1))
    assert pipeline.sync().attempt.code == "REJECTED_ROWS"
    cheap = [{**row, "pricing": pricing(prompt="0")} if row["id"] == "acme/owl-5" else row for row in records(10)]
    assert listed(pipeline, cheap).attempt.code == "REPRICED"
    pipeline.close()


def test_a_quarantined_list_keeps_every_byte_upstream_sent(pipeline: Pipeline) -> None:
    listed(pipeline, records(9))
    bodies = (b'{"data":[\r\n\t] }\xef\xbb\xbf', bytes(range(256)) * 300, answer(records(2)))
    for body in bodies:
        pipeline.upstream.change(records=body)
        report = pipeline.sync()
        assert report.quarantine_id is not None
        kept = pipeline.store.quarantined(pipeline.series_id, report.quarantine_id)
        assert kept is not None
        assert [page.body for page in kept.pages] == [body]
        assert kept.pages[0].url.endswith("/models?output_modalities=all")
    assert len(pipeline.ids) == 9
