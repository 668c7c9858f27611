"""Everything a run over a year of lists has measured, and the targets it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.figures import Verdict
from benchmarks.proc import Memory
from benchmarks.start import StartTime
from benchmarks.year_fill import Filled
from benchmarks.year_questions import Answered
from benchmarks.year_size import MB, StoreSize
from benchmarks.year_stores import Thinned

SIZE_MB = 300
ANSWER_MS = 20
YEAR_HOURS = 8760
COMPARED_SYNCS = 500
"""At the beginning and at the end of the year; a quarter of all when there are few."""


@dataclass(slots=True)
class Served:
    """One database: what it takes, and a server on it. Memory is that of the worker at its start and at the end."""

    size: StoreSize
    answered: Sequence[Answered]
    at_start: Memory
    at_end: Memory
    start: StartTime


@dataclass(slots=True)
class Figures:
    """`served` by database."""

    is_real: bool
    series_lists: int
    filled: Filled
    served: dict[str, Served] = field(default_factory=dict)
    start_empty: StartTime | None = None
    """Of a server on a store with a single list."""
    thinned: Thinned | None = None
    move_s: float | None = None

    @property
    def sync_ms(self) -> tuple[float, float]:
        """Median of the syncs that brought a change, at the beginning (but for the very first) and at the end."""
        times = self.filled.sync_ms[1:] or self.filled.sync_ms
        count = max(1, min(COMPARED_SYNCS, len(times) // 4))
        return median(times[:count]), median(times[-count:])


def verdicts(figures: Figures) -> list[Verdict]:
    """One per target and database, in the order of the report."""
    found = []
    sqlite = figures.served.get("SQLite")
    if sqlite is not None:
        size = sqlite.size.total_bytes / MB
        found.append(Verdict(f"SQLite: under {SIZE_MB} MB, raw bytes included", f"{size:.1f} MB", size < SIZE_MB))
    for database, served in figures.served.items():
        for answered in served.answered:
            if answered.targeted:
                target = f"{database}, {answered.name}: p50 under {ANSWER_MS} ms"
                found.append(Verdict(target, f"{answered.p50_ms:.1f} ms", answered.p50_ms < ANSWER_MS))
    return found
