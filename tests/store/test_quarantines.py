"""What is kept aside: exactly what upstream sent, and no more of it than is allowed."""

import random
from datetime import timedelta

from llmanac.catalogue.snapshot import Part, RawPage
from llmanac.store.quarantines import Objection, QuarantineBounds
from llmanac.store.rows import Outcome, Scope, SeriesKey
from llmanac.store.store import Store
from tests.build import records
from tests.store.saving import NOON, PLENTY, Saver, attempt
from tests.store.tables import row_counts

HOUR = timedelta(hours=1)


def ids(saver: Saver) -> list[int]:
    return [entry.id for entry in saver.store.quarantine(saver.series_id)]


def bodies(saver: Saver, entry: int) -> list[bytes]:
    found = saver.store.quarantined(saver.series_id, entry)
    assert found is not None
    return [page.body for page in found.pages]


def test_bytes_are_kept_exactly_and_in_the_order_of_pages(saver: Saver) -> None:
    pages = [
        RawPage(Part.MODELS, "http://upstream.test/1", bytes(range(256)) * 99),
        RawPage(Part.MODELS, "http://upstream.test/2", b""),
        RawPage(Part.ACCOUNT, "http://upstream.test/3", b"\r\n\0"),
    ]
    objection = Objection(reason="shrunk", detail="small", admissible=True, digest="d" * 64, model_count=3)
    entry = saver.store.save_quarantine(
        saver.holder, saver.series_id, objection, pages, attempt(Outcome.QUARANTINED), repeats=None, bounds=PLENTY
    )
    found = saver.store.quarantined(saver.series_id, entry)
    assert found is not None
    assert found.pages == tuple(pages)
    assert (found.entry.reason, found.entry.detail, found.entry.admissible) == ("shrunk", "small", True)
    assert saver.state.failures == 1


def test_the_oldest_go_first_when_there_are_too_many(saver: Saver) -> None:
    made = [
        saver.set_aside(b"%d" % number, at=NOON + number * HOUR, bounds=QuarantineBounds(3, 1 << 30))
        for number in range(5)
    ]
    assert ids(saver) == made[:1:-1]
    assert row_counts(saver.store)["quarantine_page"] == 3


def test_the_oldest_go_first_when_they_are_too_large(saver: Saver) -> None:
    dice = random.Random(1)
    noise = [dice.randbytes(10_000) for _ in range(4)]
    made = [
        saver.set_aside(body, at=NOON + number * HOUR, bounds=QuarantineBounds(100, 25_000))
        for number, body in enumerate(noise)
    ]
    assert ids(saver) == made[:1:-1]
    assert [bodies(saver, entry) for entry in ids(saver)] == [[noise[3]], [noise[2]]]


def test_the_newest_is_kept_however_large_it_is(saver: Saver) -> None:
    saver.set_aside(b"old", at=NOON)
    large = saver.set_aside(random.Random(1).randbytes(9999), at=NOON + HOUR, bounds=QuarantineBounds(100, 0))
    assert ids(saver) == [large]


def test_the_one_just_seen_is_the_newest_even_when_the_clock_was_turned_back(saver: Saver) -> None:
    saver.set_aside(b"from the future", at=NOON + 9 * HOUR)
    seen = saver.set_aside(b"now", at=NOON, bounds=QuarantineBounds(1, 1 << 30))
    assert ids(saver) == [seen]


def test_a_repeated_list_replaces_the_bytes_and_counts(saver: Saver) -> None:
    entry = saver.set_aside(b"first", at=NOON)
    assert saver.set_aside(b"again", repeats=entry, at=NOON + HOUR) == entry
    found = saver.store.repeating(saver.series_id)
    assert found is not None
    assert (found.entry.repeats, found.entry.first_seen_at, found.entry.last_seen_at) == (2, NOON, NOON + HOUR)
    assert bodies(saver, entry) == [b"again"]
    assert row_counts(saver.store)["quarantine_page"] == 1


def test_a_repeated_list_that_was_dropped_meanwhile_begins_anew(saver: Saver) -> None:
    """An administrator drops it while the sync that saw it again is under way."""
    entry = saver.set_aside(b"first")
    assert saver.store.drop_quarantined(saver.series_id, entry)
    anew = saver.set_aside(b"again", repeats=entry)
    found = saver.store.repeating(saver.series_id)
    assert found is not None
    assert (found.entry.id, found.entry.repeats) == (anew, 1)
    assert saver.state.failures == 2


def test_an_id_is_never_given_twice(saver: Saver) -> None:
    """Who drops entry 7 by its number must not hit another that took the number."""
    first = saver.set_aside(b"first")
    assert saver.store.drop_quarantined(saver.series_id, first)
    assert saver.set_aside(b"second") > first


def test_only_the_last_thing_upstream_said_repeats(saver: Saver) -> None:
    saver.set_aside(b"first", at=NOON)
    other = saver.set_aside(b"other", at=NOON + HOUR)
    found = saver.store.repeating(saver.series_id)
    assert found is not None
    assert found.entry.id == other
    assert [entry.repeats for entry in saver.store.quarantine(saver.series_id)] == [1, 0]
    saver.save(records(1))
    assert saver.store.repeating(saver.series_id) is None
    assert len(ids(saver)) == 2


def test_a_series_sees_only_its_own(saver: Saver, store: Store) -> None:
    other = Saver(store, store.open_series(SeriesKey("openrouter", "http://mirror.test", Scope.ALL)).id, "saver")
    entry = saver.set_aside(b"first")
    other.set_aside(b"other", bounds=QuarantineBounds(1, 0))
    assert ids(saver) == [entry]
    assert store.quarantined(other.series_id, entry) is None
    assert not store.drop_quarantined(other.series_id, entry)
    assert ids(saver) == [entry]


def test_dropping_what_is_not_there_tells_so_and_disturbs_nobody(saver: Saver) -> None:
    before = saver.store.revisions()
    assert not saver.store.drop_quarantined(saver.series_id, 99)
    assert saver.store.revisions() == before
