"""Since when a model is announced to leave, by its changes."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from llmanac.catalogue.ids import Serial
from llmanac.catalogue.snapshot import ListScope
from llmanac.history.label import relabel
from llmanac.render.removed import TELLING, Announcement, announcement
from llmanac.store.rows import SeenChange
from tests.build import Record, record
from tests.history.stories import FLAP, Moment, absent, day_of, listed, told

FIRST, LATER = "2026-06-20", "2026-07-20"
ELSEWHERE = datetime(2026, 5, 1, tzinfo=UTC)


def until(day: str | None) -> Record:
    return record(expiration_date=day)


def timeline(*moments: Moment) -> Iterable[SeenChange]:
    """The changes as the store would give them."""
    for entry in relabel(told(*moments), FLAP):
        if entry.change.kind in TELLING:
            yield SeenChange(Serial(1), entry.seen_at, None, ListScope.ALL, entry.change, entry.label)


def announced(*moments: Moment) -> Announcement | None:
    last = next(moment.record for moment in reversed(moments) if moment.record is not None)
    return announcement(last, timeline(*moments), known_since=ELSEWHERE)


@pytest.mark.parametrize(
    ("moments", "found"),
    [
        ((listed(0, until(None)),), None),
        ((listed(0, until("2098-12-31")),), None),
        ((listed(0, until(FIRST)),), (FIRST, 0)),
        ((listed(0, until(None)), listed(1, until(FIRST))), (FIRST, 1)),
        ((listed(0, until("2098-12-31")), listed(1, until(FIRST))), (FIRST, 1)),
        ((listed(0, until(FIRST)), listed(1, until(LATER))), (LATER, 0)),
        ((listed(0, until(FIRST)), listed(1, until(None)), listed(2, until(LATER))), (LATER, 2)),
        ((listed(0, until(FIRST)), listed(1, until("2098-12-31"))), None),
        ((listed(0, until(FIRST)), absent(1)), (FIRST, 0)),
        ((listed(0, until(FIRST)), absent(1), listed(2, until(FIRST))), (FIRST, 0)),
        ((listed(0, until(FIRST)), absent(1), listed(2, until(LATER))), (LATER, 0)),
        ((listed(0, until(None)), absent(1), listed(2, until(FIRST))), (FIRST, 2)),
        ((listed(0, until(FIRST)), absent(1), listed(2, until(None))), None),
        ((listed(0, until(FIRST)), absent(1), listed(2, until(None)), listed(3, until(FIRST))), (FIRST, 3)),
    ],
)
def test_an_announcement_counts_from_the_first_list_that_has_any(
    moments: tuple[Moment, ...], found: tuple[str, int] | None
) -> None:
    expected = None if found is None else Announcement(date.fromisoformat(found[0]), day_of(found[1]))
    assert announced(*moments) == expected


def test_what_no_change_tells_counts_from_where_it_is_known_from() -> None:
    last = listed(0, until(FIRST)).record
    assert last is not None
    found = announcement(last, (), known_since=ELSEWHERE)
    assert found == Announcement(date.fromisoformat(FIRST), ELSEWHERE)


def test_what_was_seen_after_its_day_was_announced_on_it_at_the_latest() -> None:
    midnight = datetime(2026, 6, 20, tzinfo=UTC)
    early, late = midnight - timedelta(hours=1), midnight + timedelta(hours=1)
    assert Announcement(midnight.date(), early).deprecated_at == early
    assert (
        Announcement(midnight.date(), late).deprecated_at == Announcement(midnight.date(), late).sunset_at == midnight
    )
