"""The real lists of OpenRouter that lie beside the repository, in `../shared/data`, and what to do where they do not.

They may not be committed, so a user's machine has none. Tests that need them are marked, and skip there
(`tests/conftest.py`). One that is not marked fails in the clone without lists in which `.ci/run` runs the suite.

    @pytest.mark.real_lists
    @pytest.mark.parametrize("real", real_lists(), ids=str)
    def test_every_real_list_…(real: RealList) -> None:
        … real.raw() …
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

FACTS = "openrouter-facts-2026-10-26.json"
"""The list the bundled catalogue is made from; its descriptions are empty."""


@dataclass(frozen=True)
class RealList:
    """One whole answer of `GET /models`, as it was sent."""

    path: Path

    def __str__(self) -> str:
        """Folder and time taken, for a test's id: `daily-all/2026-06-08T154125Z`."""
        return f"{self.path.parent.name}/{self.path.name.removesuffix('.gz').removesuffix('.json')}"

    def raw(self) -> bytes:
        """The bytes of the answer, decompressed."""
        stored = self.path.read_bytes()
        return gzip.decompress(stored) if self.path.suffix == ".gz" else stored


def real_lists() -> list[RealList]:
    """Every list, oldest first within its folder, the facts last.

    Without the data there are two that cannot be read: a test of each list then has a name, and shows as skipped.
    """
    snapshots = sorted(SHARED_DATA.glob("snapshots/*/*.json.gz")) or [SHARED_DATA / "snapshots"]
    return [*map(RealList, snapshots), facts()]


def facts() -> RealList:
    """The facts of 2026-10-26: 688 models of every modality."""
    return RealList(SHARED_DATA / FACTS)
