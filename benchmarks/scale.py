"""How much is measured: the full run and the quick one."""

from dataclasses import dataclass, replace

from benchmarks.calm import Patience


@dataclass(frozen=True, slots=True)
class Scale:
    """How long and how often.

    `seconds` is the length of a measurement of full load, `sync_seconds` that of a phase (without, during syncs),
    of which there are `sync_rounds` pairs.
    """

    seconds: int
    repetitions: int
    warm_up: bool
    starts: int
    sync_seconds: int
    sync_rounds: int
    patience: Patience

    def lasting(self, seconds: int) -> "Scale":
        """The same with measurements of another length; the phases of the sync delay keep their proportion to it."""
        return replace(self, seconds=seconds, sync_seconds=max(1, self.sync_seconds * seconds // self.seconds))


FULL = Scale(seconds=3, repetitions=3, warm_up=True, starts=3, sync_seconds=4, sync_rounds=2, patience=Patience(2, 2))
QUICK = Scale(seconds=1, repetitions=1, warm_up=False, starts=1, sync_seconds=2, sync_rounds=1, patience=Patience(1, 0))
"""Shows that everything runs and answers right; its figures mean little."""
