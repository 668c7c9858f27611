"""A disk that takes no more bytes: the served list stays, status says so, and all goes on when there is room again."""

import resource
from pathlib import Path

import pytest

from tests.build import answer, records
from tests.serving import wait_for
from tests.sync.process import running
from tests.upstream_simulator import UpstreamSimulator

UNLIMITED = resource.RLIM_INFINITY


def limit_files(pid: int, size: int) -> None:
    """From now on no file of that process grows beyond so many bytes: the kernel answers EFBIG."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, UNLIMITED))


def test_a_full_disk_leaves_the_list_and_is_recovered_from(tmp_path: Path) -> None:
    with UpstreamSimulator(answer(records(40))) as upstream:
        with running(tmp_path, upstream.base_url) as server:
            wait_for(lambda: server.listed() == 40)
            good = server.http.get("/api/ai/models").content

            limit_files(server.pid, 0)
            upstream.change(records=answer(records(41)))
            refused = server.http.post("/api/ai/sync")
            assert (refused.status_code, refused.json()["error"]) == (503, "STORE_UNAVAILABLE")
            assert server.http.get("/api/ai/models").content == good
            assert server.http.get("/api/ai/status").json()["serial"] == 1
            assert server.http.get("/healthz").status_code == 200

            limit_files(server.pid, UNLIMITED)
            wait_for(lambda: server.http.post("/api/ai/sync").status_code == 200)
            assert server.listed() == 41
        upstream.close()
        with running(tmp_path, upstream.base_url) as server:
            wait_for(lambda: server.listed() == 41)


@pytest.mark.slow
def test_a_disk_that_fills_up_in_the_middle_of_a_save_keeps_none_of_it(tmp_path: Path) -> None:
    files = (tmp_path / "llmanac.db", tmp_path / "llmanac.db-wal")
    with UpstreamSimulator(answer(records(40))) as upstream:
        with running(tmp_path, upstream.base_url) as server:
            wait_for(lambda: server.listed() == 40)
            limit_files(server.pid, max(path.stat().st_size for path in files) + 50_000)
            upstream.change(records=answer(records(3000)))
            assert server.http.post("/api/ai/sync").status_code == 503
            assert server.listed() == 40
            assert server.http.get("/api/ai/status").json()["serial"] == 1
        upstream.close()
        with running(tmp_path, upstream.base_url) as server:
            wait_for(lambda: server.listed() == 40)
