"""Whether anything else ran on the cores meanwhile; waiting until it has done, and measuring again when it had not."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.cores import Cores
from benchmarks.proc import core_busy_seconds, cpu_seconds

LIMIT = 0.05
"""The share of one core that others may use before a measurement counts as disturbed."""

WINDOW_S = 0.5

Measured = TypeVar("Measured")


@dataclass(frozen=True, slots=True)
class Patience:
    """Before each of at most `attempts` measurements, up to `wait_s` seconds for others to have done."""

    attempts: int
    wait_s: float


class ForeignLoad:
    """CPU time on the two cores that neither this run nor a server or generator of its own has used."""

    def __init__(self, cores: Cores) -> None:
        """Counts from now on. Without chosen cores there is nothing to count, and `share` is 0."""
        self._cores = [core for core in (cores.server, cores.load) if core is not None]
        self._began_at = os.times().elapsed
        self._before = self._foreign_seconds()

    def share(self) -> float:
        """Since the beginning, as a share of one core."""
        if not self._cores:
            return 0.0
        return max(0.0, self._foreign_seconds() - self._before) / (os.times().elapsed - self._began_at)

    def _foreign_seconds(self) -> float:
        times = os.times()
        # What has ended counts in the times of its parent as soon as that has waited for it.
        own = cpu_seconds(os.getpid()) + times.children_user + times.children_system
        return sum(core_busy_seconds(core) for core in self._cores) - own


def least_disturbed(measure: Callable[[], Measured], patience: Patience, cores: Cores) -> tuple[Measured, float]:
    """The first undisturbed measurement, else the least disturbed of all attempts; with its foreign load."""
    found: list[tuple[float, Measured]] = []
    for _ in range(patience.attempts):
        _wait_for_calm(patience.wait_s, cores)
        foreign = ForeignLoad(cores)
        measured = measure()
        found.append((foreign.share(), measured))
        if found[-1][0] <= LIMIT:
            break
    share, measured = min(found, key=lambda one: one[0])
    return measured, share


def _wait_for_calm(at_most_s: float, cores: Cores) -> None:
    deadline = time.monotonic() + at_most_s
    while time.monotonic() < deadline:
        foreign = ForeignLoad(cores)
        time.sleep(WINDOW_S)
        if foreign.share() <= LIMIT:
            return
