"""Everything one run has measured, and the targets it is held against."""

from dataclasses import dataclass, field

from benchmarks.load import Measurement
from benchmarks.proc import Memory
from benchmarks.start import StartTime
from benchmarks.sync_delay import SyncDelay


@dataclass(slots=True)
class Figures:
    """`load` by case and server (medians); `starts` and `memory` by server; `sizes` are bytes of the body by coding."""

    models: int
    sizes: dict[str, int] = field(default_factory=dict)
    load: dict[tuple[str, str], Measurement] = field(default_factory=dict)
    memory: dict[str, Memory] = field(default_factory=dict)
    memory_after_syncs: Memory | None = None
    sync_delay: SyncDelay | None = None
    starts: dict[str, StartTime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target of the project."""

    target: str
    measured: str
    met: bool


NGINX_SHARES = (("gzip", 0.65), ("identity", 0.9), ("304", 0.35))
FASTAPI_FACTOR = 50
"""For the case that people run: the list gzipped. The other cases are in the table beside it."""
SYNC_DELAY_MS = 50
MEMORY_MB = 120


def verdicts(figures: Figures) -> list[Verdict]:
    """One per target, in the order of the report."""
    found = []
    for case, share in NGINX_SHARES:
        ratio = times(figures, case, "nginx")
        found.append(
            Verdict(f"{case}: at least {share} × nginx's requests per second", f"{ratio:.2f} ×", ratio >= share)
        )
    ratio = times(figures, "gzip", "FastAPI")
    target = f"gzip: at least {FASTAPI_FACTOR} × the serialising FastAPI route"
    found.append(Verdict(target, f"{ratio:.0f} ×", ratio >= FASTAPI_FACTOR))
    if figures.sync_delay is not None:
        delay = figures.sync_delay.during.p999_ms - figures.sync_delay.without.p999_ms
        target = f"Continuous syncs delay answers by at most {SYNC_DELAY_MS} ms at p99.9"
        found.append(Verdict(target, f"{delay:+.1f} ms", delay <= SYNC_DELAY_MS))
    worst = max(memory.rss_mb for memory in (figures.memory["llmanac"], figures.memory_after_syncs) if memory)
    found.append(Verdict(f"Less than {MEMORY_MB} MB resident per worker", f"{worst:.0f} MB", worst < MEMORY_MB))
    return found


def times(figures: Figures, case: str, peer: str) -> float:
    """Llmanac's requests per second over the peer's."""
    return figures.load[case, "llmanac"].per_second / figures.load[case, peer].per_second
