"""The real lists of OpenRouter that lie beside the repository, in `../shared/data`, and what to do where they do not.

They may not be committed, so a user's machine has none: tests that need them skip there and fail under `CI=true`, where
they are required.

    @pytest.mark.parametrize("real", real_lists(), ids=str)
    def test_every_real_list_…(real: RealList) -> None:
        … real.raw() …
"""

import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

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
        """The bytes of the answer, decompressed. Skips or fails the test where the file is not there."""
        require(self.path)
        stored = self.path.read_bytes()
        return gzip.decompress(stored) if self.path.suffix == ".gz" else stored


def real_lists() -> list[RealList]:
    """Every list, oldest first within its folder, the facts last.

    Without the data there are two that skip or fail when read, so that no test is lost silently.
    """
    snapshots = sorted(SHARED_DATA.glob("snapshots/*/*.json.gz")) or [SHARED_DATA / "snapshots"]
    return [*map(RealList, snapshots), facts()]


def facts() -> RealList:
    """The facts of 2026-10-26: 688 models of every modality."""
    return RealList(SHARED_DATA / FACTS)


def require(path: Path) -> None:
    """Skip the running test where `path` is absent; under `CI=true` that is a failure."""
    if path.exists():
        return
    reason = f"needs the real lists: {path.relative_to(SHARED_DATA.parents[1])} does not lie beside the repository"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
