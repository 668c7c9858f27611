"""Time from the start of a process to its first 200 for the catalogue, whole on the client's side."""

from dataclasses import dataclass
from statistics import median

from benchmarks.cores import Cores
from benchmarks.server import Recipe, first_200, running


@dataclass(frozen=True, slots=True)
class StartTime:
    """Of several starts."""

    median_s: float
    fastest_s: float
    slowest_s: float


def measure(recipe: Recipe, starts: int, cores: Cores) -> StartTime:
    """`starts` starts one after the other, each stopped after its first 200."""
    seconds = []
    for _ in range(starts):
        with running(recipe, cores.server) as server:
            seconds.append(first_200(server)[1])
    return StartTime(median(seconds), min(seconds), max(seconds))
