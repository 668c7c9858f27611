"""One server for all tests of a module: those that only read, or that set the list themselves."""

from collections.abc import Iterator

import pytest

from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import UpstreamSimulator, make_records


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamSimulator]:
    """Forty invented models, one of every kind among them."""
    with UpstreamSimulator(make_records(40)) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def served(upstream: UpstreamSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose list is live."""
    settings = settings_for(tmp_path_factory.mktemp("served"), upstream.base_url, bundle=False)
    with serving(settings) as server:
        wait_for(lambda: server.models().status_code == 200)
        yield server
