"""A pipeline on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.pipeline import Pipeline
from tests.upstream_simulator import UpstreamSimulator


@pytest.fixture
def upstream() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator() as simulated:
        yield simulated


@pytest.fixture
def pipeline(database_url: str, upstream: UpstreamSimulator) -> Iterator[Pipeline]:
    """On SQLite and on PostgreSQL."""
    made = Pipeline(database_url, upstream)
    yield made
    made.close()


@pytest.fixture
def local(tmp_path: Path, upstream: UpstreamSimulator) -> Iterator[Pipeline]:
    """On SQLite only, for what the database cannot change."""
    made = Pipeline(f"sqlite:///{tmp_path / 'llmanac.db'}", upstream)
    yield made
    made.close()
