"""A list that upstream insists on is admitted after three syncs and six hours, and after nothing less."""

import json
from datetime import timedelta

import pytest

from tests.build import Record, answer, pricing, record, records
from tests.store.tables import list_at
from tests.sync.pipeline import HOUR, Pipeline
from tests.upstream_simulator import FAULTS

WHOLE = records(10)
SHRUNK = WHOLE[:3]
DEAR: list[Record] = [{**row, "pricing": pricing(prompt="9", completion="9", input_cache_read="9")} for row in WHOLE]


def begin(pipeline: Pipeline, first: list[Record] | bytes) -> None:
    """The whole list is admitted; then upstream sends another for the first time."""
    pipeline.upstream.change(records=answer(WHOLE))
    assert pipeline.sync().attempt.outcome == "changed"
    send(pipeline, first, after=HOUR)


def send(pipeline: Pipeline, rows: list[Record] | bytes, *, after: timedelta) -> str:
    pipeline.upstream.change(records=rows if isinstance(rows, bytes) else answer(rows))
    return pipeline.sync(after=after).attempt.outcome


@pytest.mark.parametrize("insisted", [SHRUNK, DEAR], ids=["shrunk", "repriced"])
def test_the_third_sync_after_six_hours_is_admitted_with_a_warning(insisted: list[Record], pipeline: Pipeline) -> None:
    begin(pipeline, insisted)
    assert send(pipeline, insisted, after=3 * HOUR) == "quarantined"
    assert [kept.repeats for kept in pipeline.quarantine] == [2]
    pipeline.at += 3 * HOUR
    report = pipeline.sync()
    assert (report.attempt.outcome, len(pipeline.ids)) == ("changed", len(insisted))
    assert report.warning is not None
    assert "3 consecutive syncs" in report.warning
    assert report.attempt.detail == report.warning
    assert report.catalogue is not None
    stored = list_at(pipeline.store, pipeline.series_id, report.catalogue.serial)
    assert stored is not None
    assert stored.warning == report.warning
    assert pipeline.store.repeating(pipeline.series_id) is None
    assert pipeline.sync(after=HOUR).attempt.outcome == "unchanged"


def test_six_hours_are_needed_to_the_microsecond(local: Pipeline) -> None:
    begin(local, SHRUNK)
    instant = timedelta(microseconds=1)
    assert send(local, SHRUNK, after=HOUR) == "quarantined"
    assert send(local, SHRUNK, after=5 * HOUR - instant) == "quarantined"
    assert send(local, SHRUNK, after=instant) == "changed"


def test_three_syncs_are_needed_however_long_it_takes(local: Pipeline) -> None:
    begin(local, SHRUNK)
    assert send(local, SHRUNK, after=100 * HOUR) == "quarantined"
    assert send(local, SHRUNK, after=timedelta()) == "changed"


def test_a_good_answer_between_begins_the_count_anew(pipeline: Pipeline) -> None:
    begin(pipeline, SHRUNK)
    assert send(pipeline, SHRUNK, after=HOUR) == "quarantined"
    assert send(pipeline, WHOLE, after=HOUR) == "unchanged"
    assert [send(pipeline, SHRUNK, after=4 * HOUR) for _ in range(2)] == ["quarantined"] * 2
    assert sorted(kept.repeats for kept in pipeline.quarantine) == [0, 2]
    assert send(pipeline, SHRUNK, after=4 * HOUR) == "changed"


def test_a_304_between_is_a_good_answer_too(local: Pipeline) -> None:
    local.upstream.change(etag=True)
    begin(local, SHRUNK)
    assert send(local, SHRUNK, after=HOUR) == "quarantined"
    assert send(local, WHOLE, after=HOUR) == "unchanged"
    assert local.upstream.requests[-1].headers["if-none-match"]
    assert [send(local, SHRUNK, after=6 * HOUR) for _ in range(3)] == ["quarantined", "quarantined", "changed"]


@pytest.mark.parametrize("fault", ["internal_error", "reset_in_body", "redirect_loop"])
def test_a_failed_transfer_between_leaves_the_count(fault: str, pipeline: Pipeline) -> None:
    begin(pipeline, SHRUNK)
    assert send(pipeline, SHRUNK, after=3 * HOUR) == "quarantined"
    pipeline.upstream.change(fault=FAULTS[fault])
    assert pipeline.sync(after=HOUR).attempt.outcome == "failed"
    pipeline.upstream.change(fault=None)
    assert pipeline.sync(after=2 * HOUR).attempt.outcome == "changed"
    assert len(pipeline.ids) == 3


@pytest.mark.parametrize(
    "other",
    [b"<html>busy</html>", b'{"data": []}', answer(DEAR), answer(WHOLE[:1])],
    ids=["html", "empty", "repriced", "shrunk further"],
)
def test_another_bad_answer_between_begins_the_count_anew(other: bytes, local: Pipeline) -> None:
    begin(local, SHRUNK)
    assert send(local, SHRUNK, after=3 * HOUR) == "quarantined"
    assert send(local, other, after=HOUR) == "quarantined"
    assert send(local, SHRUNK, after=3 * HOUR) == "quarantined"
    assert len(local.ids) == 10


def test_a_list_as_short_but_of_other_models_begins_the_count_anew(local: Pipeline) -> None:
    begin(local, SHRUNK)
    strangers = [record(id=f"strange/{place}") for place in range(3)]
    assert send(local, SHRUNK, after=3 * HOUR) == "quarantined"
    assert send(local, strangers, after=3 * HOUR) == "quarantined"
    assert len(local.ids) == 10


def test_a_short_list_may_grow_and_move_a_little_and_still_is_the_same(local: Pipeline) -> None:
    begin(local, SHRUNK)
    moved: list[Record] = [*SHRUNK[:2], {**SHRUNK[2], "name": "Renamed"}, WHOLE[5]]
    assert send(local, moved, after=3 * HOUR) == "quarantined"
    assert send(local, moved, after=3 * HOUR) == "changed"
    assert len(local.ids) == 4


@pytest.mark.parametrize(
    "body",
    [
        b"<html></html>",
        b"not json",
        b'{"error": {"code": 1}}',
        b'{"data": []}',
        b'{"data": [1, 2, 3]}',
        json.dumps({"data": [*records(3), 1, 2, 3]}).encode(),
    ],
    ids=["html", "not json", "error", "empty", "no rows", "half rejected"],
)
def test_what_is_no_list_or_mostly_rejected_is_not_admitted_however_often(body: bytes, local: Pipeline) -> None:
    begin(local, body)
    assert [send(local, body, after=9 * HOUR) for _ in range(4)] == ["quarantined"] * 4
    assert [kept.repeats for kept in local.quarantine] == [5]
    assert len(local.ids) == 10


def test_a_dropped_list_begins_anew_when_it_comes_again(pipeline: Pipeline) -> None:
    begin(pipeline, SHRUNK)
    assert send(pipeline, SHRUNK, after=3 * HOUR) == "quarantined"
    (kept,) = pipeline.quarantine
    assert pipeline.store.drop_quarantined(pipeline.series_id, kept.id)
    assert send(pipeline, SHRUNK, after=3 * HOUR) == "quarantined"
    (anew,) = pipeline.quarantine
    assert (anew.repeats, anew.first_seen_at) == (1, pipeline.at)
    assert anew.id != kept.id


def test_a_repeated_list_is_one_entry_with_its_first_and_last_instants(pipeline: Pipeline) -> None:
    begin(pipeline, SHRUNK)
    first = pipeline.at
    send(pipeline, SHRUNK, after=2 * HOUR)
    (kept,) = pipeline.quarantine
    assert (kept.first_seen_at, kept.last_seen_at, kept.repeats) == (first, first + 2 * HOUR, 2)
