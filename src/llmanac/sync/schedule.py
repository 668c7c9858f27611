"""When to sync next. Pure: chance is an argument."""

from datetime import datetime, timedelta

import msgspec

from llmanac.store.rows import Outcome

_JITTER = 0.1
"""A tenth either way, so that many servers do not ask at the same second."""

_MAX_DOUBLINGS = 20
"""A second doubled so often is twelve days, more than any interval; beyond it a timedelta would overflow."""


class Schedule(msgspec.Struct, frozen=True):
    """How often upstream is asked."""

    interval: timedelta
    retry: timedelta
    """After the first failure; it doubles with each further one, up to `interval`."""
    postponed: timedelta
    """At most so long upstream can put the next sync off."""


def next_due(
    schedule: Schedule,
    outcome: Outcome,
    *,
    now: datetime,
    failures: int,
    chance: float,
    retry_after: timedelta | None = None,
) -> datetime:
    """When the next attempt is due.

    Args:
        failures: Attempts since the last good one, before this one.
        chance: Between 0 and 1; moves the result by up to a tenth.
        retry_after: What upstream asked for; not undercut, up to `Schedule.postponed`.
    """
    wait = schedule.interval
    if outcome is Outcome.FAILED:
        wait = min(schedule.retry * 2 ** min(failures, _MAX_DOUBLINGS), schedule.interval)
    wait *= 1 + _JITTER * (2 * chance - 1)
    return now + max(wait, min(retry_after or timedelta(), schedule.postponed))
