"""When the next sync is due: not sooner than upstream asked, and never later than the settings allow."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.store.rows import Outcome
from llmanac.sync.schedule import Schedule, next_due
from tests.strategies import quick

NOW = datetime(2026, 10, 26, 12, tzinfo=UTC)
JITTER = timedelta(microseconds=1)

schedules = st.builds(
    Schedule,
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=7)),
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=1)),
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=7 * 24)),
)
chances = st.floats(0, 1)
good = st.sampled_from((Outcome.CHANGED, Outcome.UNCHANGED, Outcome.QUARANTINED))
counts = st.integers(0, 10_000)


@quick
@given(schedules, good, counts, chances)
def test_after_an_answer_the_next_is_due_in_the_interval_give_or_take_a_tenth(
    schedule: Schedule, outcome: Outcome, failures: int, chance: float
) -> None:
    wait = next_due(schedule, outcome, now=NOW, failures=failures, chance=chance) - NOW
    assert schedule.interval * 0.9 - JITTER <= wait <= schedule.interval * 1.1 + JITTER


@quick
@given(schedules, counts, chances)
def test_after_a_failure_the_wait_doubles_up_to_the_interval(schedule: Schedule, failures: int, chance: float) -> None:
    wait = next_due(schedule, Outcome.FAILED, now=NOW, failures=failures, chance=chance) - NOW
    most = min(schedule.retry * 2 ** min(failures, 20), schedule.interval)
    assert most * 0.9 - JITTER <= wait <= most * 1.1 + JITTER


@quick
@given(
    schedules, st.sampled_from(Outcome), counts, chances, st.timedeltas(min_value=timedelta(), max_value=timedelta(30))
)
def test_what_upstream_asked_for_is_not_undercut_as_far_as_it_may_ask(
    schedule: Schedule, outcome: Outcome, failures: int, chance: float, asked: timedelta
) -> None:
    plain = next_due(schedule, outcome, now=NOW, failures=failures, chance=chance)
    due = next_due(schedule, outcome, now=NOW, failures=failures, chance=chance, retry_after=asked)
    assert due == max(plain, NOW + min(asked, schedule.postponed))


@quick
@given(schedules, st.sampled_from(Outcome), st.integers(min_value=0), chances, st.timedeltas())
@example(Schedule(timedelta(1), timedelta(1), timedelta(1)), Outcome.FAILED, 10**400, 1, timedelta.max)
def test_whatever_is_asked_for_the_next_sync_is_no_later_than_the_interval_or_the_limit(
    schedule: Schedule, outcome: Outcome, failures: int, chance: float, asked: timedelta
) -> None:
    wait = next_due(schedule, outcome, now=NOW, failures=failures, chance=chance, retry_after=asked) - NOW
    assert timedelta() < wait <= max(schedule.interval * 1.1 + JITTER, schedule.postponed)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 60), (1, 120), (2, 240), (5, 1920), (6, 3600), (10**6, 3600)])
def test_the_default_waits(failures: int, seconds: int) -> None:
    schedule = Schedule(timedelta(hours=1), timedelta(minutes=1), timedelta(hours=6))
    due = next_due(schedule, Outcome.FAILED, now=NOW, failures=failures, chance=0.5)
    assert due - NOW == timedelta(seconds=seconds)
