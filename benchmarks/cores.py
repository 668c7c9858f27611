"""Which core serves and which one asks.

A child inherits the cores of the thread that starts it, so no tool is needed for pinning.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """Core numbers; `None` leaves the choice to the system. `rest` runs the upstream and whatever triggers syncs."""

    server: int | None
    load: int | None
    rest: int | None
    note: str


def choose() -> Cores:
    """The first usable cores; none when there are fewer than two."""
    if not hasattr(os, "sched_setaffinity"):
        return Cores(None, None, None, "Nothing was pinned: this system has no sched_setaffinity.")
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        return Cores(
            None, None, None, "Nothing was pinned: only one core is usable, so server and load generator shared it."
        )
    rest = usable[2] if len(usable) > 2 else usable[1]
    shared = "a third core" if len(usable) > 2 else "the load generator's core"
    note = f"Each server ran pinned to one core, the load generator to another; the upstream ran on {shared}."
    return Cores(usable[0], usable[1], rest, note)


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """What is started inside runs on `core` for good; the caller gets its own cores back."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
