"""Lists from files: woven in at their place or refused whole, and taken over by whoever serves."""

import random
import string
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from llmanac.archive.fetch import ArchivedFetch, ArchivedSeries
from llmanac.assemble_sync import import_turn
from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from llmanac.errors import Conflict, InvalidBody, LeaseLost
from llmanac.store.database import Database
from llmanac.store.rows import Scope, SeriesKey
from llmanac.store.store import Store
from llmanac.sync.importing import Imported, ImportPlan, import_fetch
from llmanac.sync.load import load_catalogue
from tests.build import Record, answer, architecture, records
from tests.serving import Served, serving, settings_for, wait_for
from tests.store.saving import HOUR, NOON
from tests.store.tables import list_at, noun_digests, raw_bodies, row_counts
from tests.sync.pipeline import Pipeline
from tests.upstream_simulator import UpstreamSimulator

TWO_SECONDS = 2.0
"""What the project promises its followers."""

KEY = SeriesKey("openrouter", "http://upstream.test", Scope.ALL)
IMAGE: Record = {**records(1)[0], "id": "acme/brush", "architecture": architecture(outputs=("image",))}


@pytest.fixture
def plan(database_url: str) -> Iterator[ImportPlan]:
    store = Store(Database(database_url))
    store.migrate()
    assert store.acquire_lease("importer", 9 * HOUR)
    yield plan_on(store)
    store.close()


def plan_on(store: Store, key: SeriesKey = KEY) -> ImportPlan:
    return ImportPlan(
        store=store, holder="importer", series=key, flap=timedelta(days=10), max_reject_share=Fraction(1, 10)
    )


def archived(
    body: bytes,
    *,
    at: datetime = NOON,
    scope: ListScope | None = None,
    series: ArchivedSeries | None = None,
    origin: Origin = Origin.IMPORT,
    raw: bool = True,
    warning: str | None = None,
) -> ArchivedFetch:
    pages = (RawPage(Part.MODELS, "http://upstream.test/models", body),)
    return ArchivedFetch(series=series, scope=scope, origin=origin, taken_at=at, pages=pages, raw=raw, warning=warning)


def lists(plan: ImportPlan) -> list[tuple[int, int]]:
    """Serial and number of models of each fetch, in the order of time."""
    state = plan.store.open_series(plan.series)
    found = []
    for fetch in plan.store.fetches(state.id):
        stored = list_at(plan.store, state.id, fetch.serial)
        assert stored is not None
        found.append((int(fetch.serial), len(stored.records)))
    return found


def test_a_list_is_new_agrees_with_its_neighbour_or_is_known(plan: ImportPlan) -> None:
    two, three = answer(records(2)), answer(records(3))
    assert import_fetch(plan, archived(two, at=NOON)) is Imported.NEW
    assert import_fetch(plan, archived(two, at=NOON + HOUR)) is Imported.AGREES
    assert import_fetch(plan, archived(two, at=NOON - HOUR)) is Imported.AGREES
    assert import_fetch(plan, archived(three, at=NOON + 9 * HOUR)) is Imported.NEW
    assert import_fetch(plan, archived(three, at=NOON + 8 * HOUR)) is Imported.AGREES
    assert lists(plan) == [(1, 2), (1, 2), (1, 2), (2, 3), (2, 3)]
    before = row_counts(plan.store), noun_digests(plan.store), plan.store.revisions()
    for body, hours in ((two, 0), (two, 1), (two, -1), (three, 9), (three, 8)):
        assert import_fetch(plan, archived(body, at=NOON + hours * HOUR)) is Imported.KNOWN
    assert (row_counts(plan.store), noun_digests(plan.store), plan.store.revisions()) == before
    assert import_fetch(plan, archived(three, at=NOON + HOUR / 2)) is Imported.NEW
    assert lists(plan) == [(1, 2), (1, 2), (2, 3), (3, 2), (4, 3), (4, 3)]
    assert raw_bodies(plan.store) == [two, two, three, two, three, three]


@pytest.mark.parametrize(
    ("rows", "said", "asked", "expected"),
    [
        (records(2), None, None, ListScope.TEXT),
        ([*records(2), IMAGE], None, None, ListScope.ALL),
        (records(2), None, ListScope.ALL, ListScope.ALL),
        ([*records(2), IMAGE], None, ListScope.TEXT, ListScope.TEXT),
        (records(2), ListScope.ALL, ListScope.TEXT, ListScope.ALL),
    ],
    ids=["text models", "an image model", "asked", "asked against the models", "said by the file"],
)
def test_what_a_list_was_asked_for_is_said_asked_or_told_by_its_models(
    rows: Sequence[Record], said: ListScope | None, asked: ListScope | None, expected: ListScope, plan: ImportPlan
) -> None:
    import_fetch(plan, archived(answer(rows), scope=said), asked=asked)
    stored = list_at(plan.store, plan.store.open_series(KEY).id, NOON)
    assert stored is not None
    assert (stored.scope, stored.origin) == (expected, Origin.IMPORT)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>busy</html>",
        b"not json",
        b'{"error": {"code": 502, "message": "busy"}}',
        b'{"data": []}',
        b'{"data": [1, 2, {"id": 3}]}',
        b'{"data": [{"id": "a"}, {"id": "b"}, 1]}',
        b'{"data": {}}',
        b"",
    ],
    ids=["html", "not json", "error", "empty", "no models", "a third rejected", "no list", "nothing"],
)
def test_what_is_no_good_list_is_refused_and_leaves_nothing(body: bytes, plan: ImportPlan) -> None:
    import_fetch(plan, archived(answer(records(2)), at=NOON - HOUR))
    before = row_counts(plan.store), noun_digests(plan.store), plan.store.revisions()
    with pytest.raises(InvalidBody, match="Expected"):
        import_fetch(plan, archived(body))
    assert (row_counts(plan.store), noun_digests(plan.store), plan.store.revisions()) == before


def test_a_tenth_of_rejected_rows_is_kept_with_the_list(plan: ImportPlan) -> None:
    body = b'{"data": [7, ' + answer(records(9))[len(b'{"data": [') :]
    assert import_fetch(plan, archived(body)) is Imported.NEW
    stored = list_at(plan.store, plan.store.open_series(KEY).id, NOON)
    assert stored is not None
    assert (len(stored.records), [reject.raw for reject in stored.rejects]) == (9, [b"7"])


def test_a_list_that_was_exported_needs_no_second_judgement(plan: ImportPlan) -> None:
    """The guard had objected, and an administrator admitted it all the same."""
    found = archived(
        b'{"data": [7, {"id": "a"}]}',
        scope=ListScope.ALL,
        series=ArchivedSeries(KEY.source, KEY.base_url, KEY.scope),
        warning="half of the rows; admitted by an administrator",
    )
    assert import_fetch(plan, found) is Imported.NEW
    stored = list_at(plan.store, plan.store.open_series(KEY).id, NOON)
    assert stored is not None
    assert (len(stored.rejects), stored.warning) == (1, "half of the rows; admitted by an administrator")


def test_a_series_of_an_unknown_scope_is_refused(plan: ImportPlan) -> None:
    found = archived(answer(records(2)), series=ArchivedSeries("openrouter", "http://upstream.test", "mine"))
    with pytest.raises(InvalidBody, match="got 'mine'"):
        import_fetch(plan, found)
    assert row_counts(plan.store)["series"] == 0


@pytest.mark.parametrize(
    ("source", "base_url"),
    [("s" * 65, "http://upstream.test"), ("openrouter", f"http://{'é' * 1024}.test")],
    ids=["source", "address"],
)
def test_a_series_whose_name_a_database_cannot_hold_is_refused(source: str, base_url: str, plan: ImportPlan) -> None:
    found = archived(answer(records(2)), series=ArchivedSeries(source, base_url, "all"))
    with pytest.raises(InvalidBody, match="Expected a series that is named in at most"):
        import_fetch(plan, found)
    assert row_counts(plan.store)["series"] == 0


def test_the_longest_names_of_a_series_are_kept(plan: ImportPlan) -> None:
    named = ArchivedSeries("s" * 64, "".join(random.Random(1).choices(string.ascii_letters, k=2048)), "all")
    assert import_fetch(plan, archived(answer(records(2)), series=named)) is Imported.NEW


def test_a_file_that_is_no_list_begins_no_series(plan: ImportPlan) -> None:
    with pytest.raises(InvalidBody):
        import_fetch(plan, archived(b"{}"))
    assert row_counts(plan.store)["series"] == 0


@pytest.mark.parametrize("other", [answer(records(3)), answer([*records(2), IMAGE])], ids=["list", "scope"])
def test_another_list_or_scope_of_a_known_instant_is_refused(other: bytes, plan: ImportPlan) -> None:
    import_fetch(plan, archived(answer(records(2))))
    before = row_counts(plan.store), noun_digests(plan.store)
    with pytest.raises(Conflict) as refused:
        import_fetch(plan, archived(other))
    assert refused.value.code == "OTHER_LIST_KNOWN"
    assert (row_counts(plan.store), noun_digests(plan.store)) == before


def test_a_loose_file_does_not_belong_to_an_account(plan: ImportPlan) -> None:
    """It is narrowed to what a key may use, and a file does not say whether it is."""
    own = plan_on(plan.store, SeriesKey("openrouter", "http://upstream.test", Scope.ACCOUNT))
    with pytest.raises(Conflict) as refused:
        import_fetch(own, archived(answer(records(2))))
    assert refused.value.code == "OTHER_SCOPE"
    assert row_counts(plan.store)["fetch"] == 0


def test_a_file_that_names_its_series_goes_there(plan: ImportPlan) -> None:
    named = ArchivedSeries("openrouter", "http://upstream.test", "account")
    found = archived(answer(records(2)), scope=ListScope.ACCOUNT, series=named, origin=Origin.FETCHED, warning="few")
    assert import_fetch(plan, found) is Imported.NEW
    assert plan.store.open_series(KEY).serial is None
    state = plan.store.open_series(SeriesKey("openrouter", "http://upstream.test", Scope.ACCOUNT))
    assert (state.serial, state.origin) == (1, Origin.FETCHED)
    stored = list_at(plan.store, state.id, NOON)
    assert stored is not None
    assert (stored.scope, stored.warning) == (ListScope.ACCOUNT, "few")


def test_a_list_whose_bytes_were_put_together_again_is_kept_without_them(plan: ImportPlan) -> None:
    found = archived(answer(records(2)), raw=False)
    assert import_fetch(plan, found) is Imported.NEW
    assert row_counts(plan.store)["raw_page"] == 0
    assert import_fetch(plan, found) is Imported.KNOWN
    assert import_fetch(plan, archived(answer(records(2)))) is Imported.KNOWN


def test_who_has_lost_the_right_to_write_imports_nothing(plan: ImportPlan) -> None:
    plan.store.open_series(KEY)
    before = row_counts(plan.store)
    plan.store.release_lease("importer")
    assert plan.store.acquire_lease("another", HOUR)
    with pytest.raises(LeaseLost):
        import_fetch(plan, archived(answer(records(2))))
    assert row_counts(plan.store) == before | {"lease": 1}


def importing(pipeline: Pipeline, body: bytes, *, at: datetime) -> Imported:
    assert pipeline.store.acquire_lease(pipeline.plan.holder, HOUR)
    plan = ImportPlan(
        store=pipeline.store,
        holder=pipeline.plan.holder,
        series=pipeline.state.key,
        flap=pipeline.plan.flap,
        max_reject_share=Fraction(0),
    )
    return import_fetch(plan, archived(body, at=at), asked=ListScope.ALL)


def test_upstream_is_asked_for_the_whole_list_once_another_was_imported(pipeline: Pipeline) -> None:
    """Its "not modified" would speak of the list that was served before."""
    pipeline.upstream.change(records=answer(records(5)), etag=True)
    pipeline.sync()
    assert importing(pipeline, answer(records(6)), at=pipeline.at + HOUR) is Imported.NEW
    assert (len(pipeline.ids), pipeline.served.origin, pipeline.state.validators) == (6, Origin.IMPORT, ())
    report = pipeline.sync(after=2 * HOUR)
    assert "if-none-match" not in pipeline.upstream.requests[-1].headers
    assert (report.attempt.outcome, len(pipeline.ids), pipeline.state.serial) == ("changed", 5, 3)
    assert pipeline.served.origin is Origin.FETCHED


def test_an_older_list_leaves_what_is_served_and_what_upstream_is_asked_by(pipeline: Pipeline) -> None:
    pipeline.upstream.change(records=answer(records(5)), etag=True)
    pipeline.sync()
    before = pipeline.served, pipeline.state.validators
    assert importing(pipeline, answer(records(6)), at=pipeline.at - HOUR) is Imported.NEW
    assert (pipeline.served.snapshot, pipeline.state.validators) == (before[0].snapshot, before[1])
    assert (pipeline.state.serial, pipeline.state.origin) == (2, Origin.FETCHED)
    assert pipeline.sync(after=HOUR).attempt.outcome == "unchanged"
    assert pipeline.upstream.requests[-1].headers["if-none-match"]
    assert [fetch.serial for fetch in pipeline.store.fetches(pipeline.series_id)] == [1, 2, 2]


def test_a_sync_after_an_import_into_the_future_is_the_newest_all_the_same(pipeline: Pipeline) -> None:
    pipeline.upstream.change(records=answer(records(5)))
    importing(pipeline, answer(records(6)), at=pipeline.at + 99 * HOUR)
    assert pipeline.sync().attempt.outcome == "changed"
    assert len(pipeline.ids) == 5
    assert load_catalogue(pipeline.store, pipeline.state) == pipeline.served


# Into a store that is served from


@pytest.fixture
def upstream_of_five() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator(answer([*records(5), IMAGE]), etag=True) as upstream:
        yield upstream


def import_beside(served: Served, database_url: str, tmp_path: Path, body: bytes, *, at: datetime) -> Imported:
    """As `llmanac import` in another process does."""
    key = served.context.series
    settings = settings_for(tmp_path, key.base_url, database_url=database_url)
    store = Store(Database(database_url))
    try:
        with import_turn(settings, store) as plan:
            return import_fetch(plan, archived(body, at=at), asked=ListScope.ALL)
    finally:
        store.close()


def live(served: Served) -> bool:
    return served.models().headers.get("X-Catalogue-Source") == "live"


def taken_at(served: Served) -> datetime:
    agreed_at = served.context.current.held.state.agreed_at
    assert agreed_at is not None
    return agreed_at


def test_a_running_server_takes_over_what_was_imported(
    database_url: str, tmp_path: Path, upstream_of_five: UpstreamSimulator
) -> None:
    settings = settings_for(tmp_path, upstream_of_five.base_url, database_url=database_url)
    with serving(settings) as served:
        wait_for(lambda: live(served))
        before = served.models()
        body = answer([*records(6), IMAGE])
        assert import_beside(served, database_url, tmp_path, body, at=taken_at(served) + HOUR) is Imported.NEW
        wait_for(lambda: served.models().headers["X-Catalogue-Serial"] == "2", within=TWO_SECONDS)
        after = served.models()
        assert len(served.ids()) == 6
        assert after.headers["X-Catalogue-Source"] == "import"
        assert after.headers["ETag"] != before.headers["ETag"]
        assert served.models(**{"If-None-Match": before.headers["ETag"]}).status_code == 200
        assert served.status().json()["serial"] == 2
        assert served.sync().json()["attempt"]["outcome"] == "changed"
        assert (len(served.ids()), served.models().headers["X-Catalogue-Source"]) == (5, "live")
        assert served.models().headers["X-Catalogue-Serial"] == "3"


def test_an_older_list_only_counts_on_the_serial_of_what_is_served(
    database_url: str, tmp_path: Path, upstream_of_five: UpstreamSimulator
) -> None:
    settings = settings_for(tmp_path, upstream_of_five.base_url, database_url=database_url)
    with serving(settings) as served:
        wait_for(lambda: live(served))
        before = served.models()
        body = answer([*records(4), IMAGE])
        assert import_beside(served, database_url, tmp_path, body, at=taken_at(served) - HOUR) is Imported.NEW
        wait_for(lambda: served.models().headers["X-Catalogue-Serial"] == "2", within=TWO_SECONDS)
        after = served.models()
        assert after.content == before.content
        assert {name: after.headers[name] for name in ("ETag", "Last-Modified", "X-Catalogue-Source")} == {
            name: before.headers[name] for name in ("ETag", "Last-Modified", "X-Catalogue-Source")
        }


def test_a_file_that_confirms_what_is_served_is_told_to_the_workers(
    database_url: str, tmp_path: Path, upstream_of_five: UpstreamSimulator
) -> None:
    settings = settings_for(tmp_path, upstream_of_five.base_url, database_url=database_url)
    with serving(settings) as served:
        wait_for(lambda: live(served))
        before, at = served.models(), taken_at(served) + HOUR
        body = answer([*records(5), IMAGE])
        assert import_beside(served, database_url, tmp_path, body, at=at) is Imported.AGREES
        wait_for(lambda: taken_at(served) == at, within=TWO_SECONDS)
        after = served.models()
        assert (after.content, after.headers["ETag"]) == (before.content, before.headers["ETag"])
        assert (after.headers["X-Catalogue-Source"], after.headers["X-Catalogue-Serial"]) == ("import", "1")


@pytest.mark.parametrize("rows", [[*records(5), IMAGE], [*records(4), IMAGE]], ids=["equal", "other"])
def test_workers_agree_on_spelling_and_age_after_an_import(
    rows: list[Record], database_url: str, tmp_path: Path, upstream_of_five: UpstreamSimulator
) -> None:
    """An older list may be the same one, in another spelling: then that is the one which is served, by all."""
    settings = settings_for(tmp_path, upstream_of_five.base_url, database_url=database_url)
    with serving(settings) as one:
        wait_for(lambda: live(one))
        turned: list[Record] = [dict(reversed(row.items())) for row in rows]
        import_beside(one, database_url, tmp_path, answer(turned), at=taken_at(one) - HOUR)
        with serving(settings.model_copy(update={"offline": True})) as other:
            wait_for(lambda: shown(one) == shown(other), within=TWO_SECONDS)


def shown(served: Served) -> list[tuple[bytes, list[str]]]:
    """Each view with its tag, age and Serial."""
    found = [served.http.get("/api/ai/models", params={"view": view}) for view in ("listed", "full")]
    told = ("ETag", "Last-Modified", "X-Catalogue-Serial")
    return [(each.content, [each.headers[name] for name in told]) for each in found]


def test_nothing_is_imported_while_a_sync_runs(
    database_url: str, tmp_path: Path, upstream_of_five: UpstreamSimulator
) -> None:
    settings = settings_for(tmp_path, upstream_of_five.base_url, database_url=database_url)
    with serving(settings) as served:
        wait_for(lambda: live(served))
        with upstream_of_five.held():
            served.context.store.sync_soon(served.context.current.held.state.id)
            upstream_of_five.wait_for_requests(2)
            with pytest.raises(Conflict) as refused:
                import_beside(served, database_url, tmp_path, answer(records(2)), at=NOON)
            assert refused.value.code == "SYNC_RUNNING"
            assert row_counts(served.context.store)["fetch"] == 1
