"""The only reader of the clock. Everything else is handed an instant, or a `Clock` to ask for one."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, with UTC as its offset."""


def now() -> datetime:
    """The present instant in UTC, to the microsecond."""
    return datetime.now(UTC)


def seconds() -> float:
    """The present instant in seconds since 1970, for where every microsecond of work counts."""
    return time.time()


def rfc3339(instant: datetime) -> str:
    """An instant as people and programs read it: UTC, whole seconds, `Z` (RFC 3339)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
