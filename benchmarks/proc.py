"""Readings from Linux's /proc: what a server and its children have cost so far."""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
KIB_PER_MB = 1000 / 1.024


@dataclass(frozen=True, slots=True)
class Memory:
    """In megabytes (10⁶ bytes). PSS counts a page shared by n processes as 1/n; peak is the highest RSS so far."""

    rss_mb: float
    pss_mb: float
    peak_mb: float


def tree(pid: int) -> list[int]:
    """The process and all its living descendants, parents first."""
    pids = [pid]
    for parent in pids:
        for children in (PROC / str(parent) / "task").glob("*/children"):
            pids.extend(int(child) for child in children.read_text(encoding="ascii").split())
    return pids


def cpu_seconds(pid: int) -> float:
    """User and system time of the whole tree, in steps of one kernel tick (10 ms)."""
    ticks = 0
    for member in tree(pid):
        # The second field is the command in parentheses and may hold spaces: count from behind it.
        fields = (PROC / str(member) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


def memory(pid: int) -> Memory:
    """Sums over the tree."""
    rss = pss = peak = 0
    for member in tree(pid):
        rollup = _kib(PROC / str(member) / "smaps_rollup")
        rss += rollup["Rss"]
        pss += rollup["Pss"]
        peak += _kib(PROC / str(member) / "status")["VmHWM"]
    return Memory(rss / KIB_PER_MB, pss / KIB_PER_MB, peak / KIB_PER_MB)


def core_busy_seconds(core: int | None) -> float:
    """Time since boot in which the core ran anything, stolen time included; 0 when no core was chosen."""
    for line in (PROC / "stat").read_text(encoding="ascii").splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, ticks[:8])
            return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
    return 0.0


def _kib(path: Path) -> dict[str, int]:
    """The lines `Name:  123 kB` of a file of /proc."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {fields[0].rstrip(":"): int(fields[1]) for fields in lines if len(fields) == 3 and fields[2] == "kB"}
