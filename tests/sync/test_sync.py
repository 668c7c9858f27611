"""One sync: what it keeps, and that it keeps nothing when there is nothing new."""

import json
from datetime import timedelta

import pytest

from tests.build import Record, answer, pricing, record, records
from tests.store.tables import row_counts
from tests.sync.pipeline import HOUR, Pipeline
from tests.upstream_simulator import FAULTS, Fault, Outcome, make_records

TICK = timedelta(microseconds=1)


def test_a_first_list_is_saved_whole_under_serial_1(pipeline: Pipeline) -> None:
    body = answer(records(7))
    pipeline.upstream.change(records=body)
    report = pipeline.sync()
    assert (report.attempt.outcome, report.changes, report.rejects) == ("changed", 7, 0)
    assert report.catalogue is not None
    assert report.catalogue.serial == pipeline.state.serial == 1
    assert report.catalogue.snapshot == pipeline.served.snapshot
    assert row_counts(pipeline.store)["change"] == 7
    assert row_counts(pipeline.store)["model_version"] == 7
    assert row_counts(pipeline.store)["raw_page"] == 1


@pytest.mark.parametrize("etag", [False, True])
def test_an_unchanged_list_is_a_fetch_more_and_seen_to_agree(pipeline: Pipeline, *, etag: bool) -> None:
    """One row for the fetch and one for each page, which names bytes that are there: a 304 has those of before."""
    pipeline.upstream.change(records=make_records(12), etag=etag)
    pipeline.sync()
    before, first = row_counts(pipeline.store), pipeline.at
    revisions = pipeline.store.revisions()
    report = pipeline.sync(after=HOUR)
    assert (report.attempt.outcome, report.catalogue) == ("unchanged", None)
    assert grown(before, row_counts(pipeline.store)) == {"fetch": 1, "raw_page": 1}
    assert (pipeline.state.serial, pipeline.state.agreed_at) == (1, pipeline.at)
    assert pipeline.served.changed_at == first
    assert pipeline.store.revisions().catalogue == revisions.catalogue
    assert pipeline.store.revisions().state > revisions.state
    assert ("if-none-match" in pipeline.upstream.requests[-1].headers) is etag
    fetches = [*pipeline.store.fetches(pipeline.series_id)]
    assert [fetch.taken_at for fetch in fetches] == [first, first + HOUR]
    assert fetches[0].pages == fetches[1].pages


def test_a_list_spelt_another_way_is_unchanged(pipeline: Pipeline) -> None:
    """Its bytes are kept all the same, and what is served is the first spelling."""
    rows = make_records(12)
    pipeline.upstream.change(records=json.dumps({"data": rows}, indent=2).encode())
    pipeline.sync()
    before, served = row_counts(pipeline.store), pipeline.served
    turned = [dict(reversed(row.items())) for row in rows]
    pipeline.upstream.change(records=json.dumps({"total_count": 12, "data": turned}, ensure_ascii=False).encode())
    assert pipeline.sync(after=HOUR).attempt.outcome == "unchanged"
    assert grown(before, row_counts(pipeline.store)) == {"fetch": 1, "raw_page": 1, "blob": 1}
    assert pipeline.served == served


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """By how many rows which tables grew."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def test_only_what_changed_gets_new_rows(pipeline: Pipeline) -> None:
    rows = records(10)
    pipeline.upstream.change(records=answer(rows))
    pipeline.sync()
    before = row_counts(pipeline.store)
    rows[3] = {**rows[3], "name": "Renamed", "pricing": pricing(prompt="0.0000005")}
    pipeline.upstream.change(records=answer(rows[1:]))
    report = pipeline.sync(after=HOUR)
    assert (report.attempt.outcome, report.changes) == ("changed", 3)
    assert grown(before, row_counts(pipeline.store)) == {
        "snapshot": 1,
        "fetch": 1,
        "raw_page": 1,
        "blob": 2,
        "model_version": 1,
        "change": 3,
    }


def test_another_order_is_another_list_without_changes(pipeline: Pipeline) -> None:
    pipeline.upstream.change(records=answer(records(5)))
    pipeline.sync()
    pipeline.upstream.change(records=answer(records(5)[::-1]))
    report = pipeline.sync(after=HOUR)
    assert (report.attempt.outcome, report.changes) == ("changed", 0)
    assert pipeline.ids == [row["id"] for row in records(5)[::-1]]


@pytest.mark.parametrize("fault", ["internal_error", "hundred_megabytes", "redirect_to_file"])
def test_a_failure_notes_the_attempt_and_nothing_else(fault: str, pipeline: Pipeline) -> None:
    pipeline.upstream.change(records=answer(records(5)))
    pipeline.sync()
    before, agreed_at = row_counts(pipeline.store), pipeline.state.agreed_at
    pipeline.upstream.change(fault=FAULTS[fault])
    for failures in (1, 2):
        report = pipeline.sync(after=HOUR)
        assert report.attempt.outcome == "failed"
        state = pipeline.state
        assert (state.failures, state.agreed_at, state.serial) == (failures, agreed_at, 1)
        assert state.attempt == report.attempt
    assert row_counts(pipeline.store) == before
    pipeline.upstream.change(fault=None)
    pipeline.sync(after=HOUR)
    assert (pipeline.state.failures, pipeline.state.agreed_at) == (0, pipeline.at)


def test_a_message_of_upstreams_that_no_database_takes_is_noted_all_the_same(pipeline: Pipeline) -> None:
    """PostgreSQL keeps no NUL in a text."""
    told = b'{"error": {"code": 500, "message": "no\\u0000 such \\ud83e\\udd89 thing"}}'
    pipeline.upstream.change(fault=Fault("nul", Outcome.FAILED, lambda exchange: exchange.respond(502, told)))
    assert pipeline.sync().attempt.outcome == "failed"
    assert pipeline.state.failures == 1


def test_a_name_that_no_database_takes_does_not_cost_the_list(pipeline: Pipeline) -> None:
    rows: list[Record] = [*records(9), record(id="acme/nul\0")]
    pipeline.upstream.change(records=answer(rows))
    assert pipeline.sync().attempt.outcome == "changed"
    assert pipeline.ids[:9] == [row["id"] for row in records(9)]


def test_a_member_whose_name_no_database_takes_can_change(pipeline: Pipeline) -> None:
    pipeline.upstream.change(records=answer([record(**{"nul\0": 1})]))
    pipeline.sync()
    pipeline.upstream.change(records=answer([record(**{"nul\0": 2})]))
    assert pipeline.sync(after=HOUR).attempt.outcome == "changed"


def test_rejects_are_served_from_the_store_as_they_were_found(pipeline: Pipeline) -> None:
    pipeline.upstream.change(records=b'{"data": [{"id": "a"}, {"id": "b"}, {"id":  7}, {"id": "c"}, {"id": "d"}]}')
    report = pipeline.sync()
    assert report.catalogue is not None
    assert pipeline.served.snapshot == report.catalogue.snapshot
    (reject,) = pipeline.served.snapshot.rejects
    assert (reject.path, reject.raw) == ("$.data[2].id", b'{"id":  7}')


def test_measurements_of_others_are_no_change(pipeline: Pipeline) -> None:
    """85 % of raw differences are in `benchmarks`."""
    pipeline.upstream.change(records=answer([record(id="acme/measured", benchmarks={"elo": 1}), *records(4)]))
    pipeline.sync()
    pipeline.upstream.change(records=answer([record(id="acme/measured", benchmarks={"elo": 2}), *records(4)]))
    report = pipeline.sync(after=HOUR)
    assert (report.attempt.outcome, report.changes) == ("changed", 0)
    assert row_counts(pipeline.store)["model_version"] == 5
    assert pipeline.served.snapshot.models[0].record.endswith(b'"benchmarks": {"elo": 2}}')


@pytest.mark.parametrize("etag", [False, True])
def test_a_clock_that_was_turned_back_costs_no_list_and_no_order(pipeline: Pipeline, *, etag: bool) -> None:
    """A list that upstream sends later is kept as later, by a microsecond."""
    pipeline.upstream.change(records=answer(records(5)), etag=etag)
    pipeline.sync()
    first = pipeline.at
    assert pipeline.sync(after=-9 * HOUR).attempt.outcome == "unchanged"
    pipeline.upstream.change(records=answer(records(6)))
    report = pipeline.sync()
    assert report.catalogue is not None
    assert (report.catalogue.serial, len(pipeline.ids)) == (2, 6)
    assert report.catalogue.changed_at == pipeline.served.changed_at == first + 2 * TICK
    pipeline.upstream.change(records=answer(records(5)))
    assert pipeline.sync(after=99 * HOUR).attempt.outcome == "changed"
    fetched = [fetch.taken_at for fetch in pipeline.store.fetches(pipeline.series_id)]
    assert fetched == [first, first + TICK, first + 2 * TICK, first + 90 * HOUR]
    assert pipeline.state.agreed_at == first + 90 * HOUR
