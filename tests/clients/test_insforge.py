"""The client of the API that `/api/ai/models` is compatible with."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.clients.asking import client
from tests.serving import TOKEN, Served, serving, settings_for
from tests.upstream_simulator import UpstreamSimulator, make_records


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with UpstreamSimulator(make_records(40)) as upstream:
        settings = settings_for(tmp_path_factory.mktemp("insforge"), upstream.base_url, bundle=False)
        with serving(settings) as server:
            server.sync()
            yield server


def test_insforges_own_client_reads_both_lists(served: Served) -> None:
    seen = msgspec.json.decode(client("insforge", "insforge_use.py", {"url": served.url, "token": TOKEN}), type=dict)
    shown = served.models().json()
    for kind in ("text", "image"):
        ids = [model["id"] for model in shown[kind][0]["models"]]
        assert seen[kind] == [{"provider": "openrouter", "configured": False, "ids": ids}]
        assert ids
    status, words = seen["refused"]
    assert status == 401
    assert "AUTH_INVALID_TOKEN" in words
