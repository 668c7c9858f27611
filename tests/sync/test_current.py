"""The one variable: replaced whole, and its answers made once for each list."""

from datetime import UTC, datetime

import pytest

from llmanac.catalogue.catalogue import Catalogue, Origin, make_catalogue
from llmanac.catalogue.ids import Serial
from llmanac.store.rows import Attempt, Outcome, Scope, SeriesKey, SeriesState
from llmanac.sync.current import Current, Held, Source
from tests.build import answer, records
from tests.strategies import taken

NOON = datetime(2026, 10, 26, 12, tzinfo=UTC)
KEY = SeriesKey("openrouter", "http://upstream.test", Scope.ALL)


def state(
    serial: int | None = None,
    outcome: Outcome | None = None,
    *,
    due_at: datetime | None = NOON,
    origin: Origin = Origin.FETCHED,
) -> SeriesState:
    return SeriesState(
        id=1,
        key=KEY,
        serial=None if serial is None else Serial(serial),
        snapshot_id=serial,
        digest=None if serial is None else "d" * 64,
        origin=None if serial is None else origin,
        validators=(),
        agreed_at=NOON,
        attempt=Attempt(NOON, outcome, None, None, due_at) if outcome else None,
        failures=0,
        due_at=due_at,
    )


def catalogue(serial: int, origin: Origin = Origin.FETCHED) -> Catalogue:
    return make_catalogue(taken(answer(records(serial + 1))), serial=Serial(serial), origin=origin)


def len_of(listed: Catalogue) -> int:
    return len(listed.by_id)


def test_before_there_is_a_list_nothing_stands() -> None:
    held = Current(state(), len_of, offline=False).held
    assert (held.catalogue, held.ready, held.standing) == (None, None, None)


def test_a_list_replaces_another_whatever_their_serials() -> None:
    """An import counts on the Serials of later lists, so the same list has another one, and another list has the same.

    Which list is the newest is the store's word; only one thread at a time reads it and replaces.
    """
    current = Current(state(), len_of, offline=False)
    for serial in (2, 3, 1):
        current.replace(state(serial), catalogue(serial))
        assert current.held.catalogue is not None
        assert (current.held.state.serial, current.held.catalogue.serial, current.held.ready) == (
            serial,
            serial,
            serial + 1,
        )


def test_answers_are_made_once_for_each_list() -> None:
    made: list[int] = []
    current = Current(state(), lambda listed: made.append(listed.serial), offline=False)
    current.replace(state(1), catalogue(1))
    for outcome in Outcome:
        current.replace(state(1, outcome))
    current.replace(state(2), catalogue(2))
    assert made == [1, 2]


@pytest.mark.parametrize(
    ("origin", "outcome", "due_at", "offline", "source"),
    [
        (Origin.FETCHED, Outcome.CHANGED, NOON, False, Source.LIVE),
        (Origin.FETCHED, Outcome.UNCHANGED, NOON, False, Source.LIVE),
        (Origin.FETCHED, Outcome.FAILED, NOON, False, Source.STORE),
        (Origin.FETCHED, Outcome.QUARANTINED, NOON, False, Source.STORE),
        (Origin.FETCHED, None, NOON, False, Source.STORE),
        (Origin.FETCHED, Outcome.CHANGED, None, False, Source.STORE),
        (Origin.FETCHED, Outcome.CHANGED, NOON, True, Source.STORE),
        (Origin.IMPORT, Outcome.CHANGED, NOON, False, Source.IMPORT),
        (Origin.BUNDLED, Outcome.FAILED, NOON, False, Source.BUNDLED),
    ],
)
def test_a_list_is_live_only_while_upstream_agrees_with_it(
    origin: Origin, outcome: Outcome | None, due_at: datetime | None, source: Source, *, offline: bool
) -> None:
    current = Current(state(), len_of, offline=offline)
    current.replace(state(1, outcome, due_at=due_at, origin=origin), catalogue(1, origin))
    assert current.held.standing is not None
    assert current.held.standing.source is source


def test_a_list_that_upstream_sent_and_a_file_confirms_later_is_known_by_the_file() -> None:
    current = Current(state(), len_of, offline=False)
    current.replace(state(1, Outcome.CHANGED, origin=Origin.IMPORT), catalogue(1))
    assert current.held.standing is not None
    assert current.held.standing.source is Source.IMPORT


def test_whoever_keeps_a_state_is_told_when_another_has_come() -> None:
    current = Current(state(), len_of, offline=False)
    seen: list[Held[int]] = []
    current.when_replaced(lambda: seen.append(current.held))
    first = catalogue(1)
    current.replace(state(1), first)
    current.replace(state(1, Outcome.UNCHANGED))
    assert [held.catalogue for held in seen] == [first, first]
    assert seen[1] is current.held
