"""When a model was listed: by spans that are in order and do not touch."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given

from llmanac.history.label import relabel
from llmanac.history.lifetime import Lifetime, Period, lifetime
from tests.build import record
from tests.history.stories import FLAP, Moment, absent, day_of, listed, moments, told
from tests.strategies import quick

NEVER = datetime.max.replace(tzinfo=UTC)


def life_of(*story: Moment) -> Lifetime:
    found = lifetime(relabel(told(*story), FLAP))
    assert found is not None
    return found


@quick
@given(moments())
def test_a_moment_lies_in_a_period_exactly_when_its_list_held_the_model(story: list[Moment]) -> None:
    periods = life_of(*story).listed
    for moment in story:
        within = [each for each in periods if each.since <= moment.at < (each.until or NEVER)]
        assert len(within) == (moment.record is not None)


@quick
@given(moments())
def test_periods_and_gaps_cover_the_time_from_first_seen_to_missed_and_do_not_overlap(story: list[Moment]) -> None:
    life = life_of(*story)
    pieces = sorted((*life.listed, *life.away), key=lambda each: each.since)
    assert pieces[0].since == life.first_seen_at
    assert pieces[-1].until == life.missed_at
    for one, next_one in pairwise(pieces):
        assert one.until == next_one.since
        assert one.since < next_one.since


@quick
@given(moments())
def test_a_model_was_last_seen_in_the_last_list_that_held_it(story: list[Moment]) -> None:
    life = life_of(*story)
    instants = [moment.at for moment in story]
    held = [moment.at for moment in story if moment.record is not None]
    assert life.last_seen_at(instants) == held[-1]
    assert life.first_seen_at == held[0]


def test_a_life_with_a_gap() -> None:
    life = life_of(
        listed(0, record()), listed(1, record(name="Owl")), absent(2), listed(5, record()), absent(7), absent(8)
    )
    assert life.listed == (Period(day_of(0), day_of(2)), Period(day_of(5), day_of(7)))
    assert life.away == (Period(day_of(2), day_of(5)),)
    assert (life.first_seen_at, life.missed_at) == (day_of(0), day_of(7))
    assert life.last_seen_at([day_of(day) for day in (0, 1, 2, 5, 6, 7, 8)]) == day_of(6)


def test_a_model_that_is_listed_was_last_seen_in_the_newest_fetch() -> None:
    life = life_of(listed(0, record()))
    assert life.missed_at is None
    assert life.last_seen_at([day_of(0), day_of(3)]) == day_of(3)


def test_no_entries_make_no_life() -> None:
    assert lifetime(()) is None
