"""How a server ends: with the answers under way, within seconds, and with every process of it."""

import concurrent.futures
import signal
from collections.abc import Iterator

import httpx2
import pytest

from tests.build import records
from tests.cli.command import Started, started
from tests.serving import DEADLINE_SECONDS, TOKEN, wait_for
from tests.upstream_simulator import UpstreamSimulator

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator(records(3)) as simulator:
        for name, value in (
            ("OPENROUTER_BASE_URL", simulator.base_url),
            ("LLMANAC_TOKEN", TOKEN),
            ("LLMANAC_POLL_SECONDS", "0.05"),
            ("LLMANAC_LOG_LEVEL", "error"),
        ):
            monkeypatch.setenv(name, value)
        yield simulator


def sync(server: Started) -> httpx2.Response:
    """The answer to `POST /api/ai/sync`, once the sync that is under way is over."""
    answers: list[httpx2.Response] = []

    def asked() -> bool:
        answers.append(httpx2.post(f"{server.url}/api/ai/sync", headers=HEADERS, timeout=DEADLINE_SECONDS))
        return answers[-1].status_code != 409

    wait_for(asked)
    return answers[-1]


def status(server: Started) -> dict[str, object]:
    found: dict[str, object] = httpx2.get(f"{server.url}/api/ai/status", headers=HEADERS).json()
    return found


def is_synced(server: Started) -> bool:
    return status(server)["serial"] == 1


@pytest.mark.parametrize(
    ("workers", "by"),
    [
        pytest.param("1", signal.SIGTERM, id="one, SIGTERM", marks=pytest.mark.slow),
        pytest.param("2", signal.SIGTERM, id="two, SIGTERM"),
        pytest.param("2", signal.SIGINT, id="two, SIGINT", marks=pytest.mark.slow),
    ],
)
def test_answers_under_way_are_finished_before_the_server_ends(
    workers: str, by: signal.Signals, upstream: UpstreamSimulator
) -> None:
    with started("--workers", workers) as server:
        wait_for(lambda: is_synced(server))
        asked = len(upstream.requests)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            with upstream.held():
                answer = pool.submit(sync, server)
                upstream.wait_for_requests(asked + 1)
                server.process.send_signal(by)
                wait_for(lambda: not server.answers())
                assert server.process.poll() is None, "it waits for the answer"
            assert answer.result(DEADLINE_SECONDS).json()["attempt"]["outcome"] == "unchanged"
        server.process.wait(DEADLINE_SECONDS)
        assert "Traceback" not in server.err
        assert "error" not in server.err.lower()


def test_all_workers_answer_and_exactly_one_of_them_syncs(upstream: UpstreamSimulator) -> None:
    # A worker that looks seldom must not sync again what another has synced meanwhile.
    with started("--workers", "2", LLMANAC_POLL_SECONDS="1") as server:
        seen: set[object] = set()

        def both_answer() -> bool:
            found = status(server)
            seen.add(found["started_at"])
            return len(seen) == 2 and found["serial"] == 1

        wait_for(both_answer)
        assert len(upstream.requests) == 1
        assert server.stop() == 0
        assert not server.answers()


def test_a_stop_does_not_wait_longer_for_an_answer_than_it_was_told(upstream: UpstreamSimulator) -> None:
    with started(LLMANAC_SHUTDOWN_SECONDS="1") as server:
        wait_for(lambda: is_synced(server))
        asked = len(upstream.requests)
        with concurrent.futures.ThreadPoolExecutor() as pool, upstream.held():
            answer = pool.submit(sync, server)
            upstream.wait_for_requests(asked + 1)
            server.stop()
            with pytest.raises(httpx2.HTTPError):
                answer.result(DEADLINE_SECONDS).raise_for_status()


@pytest.mark.usefixtures("upstream")
def test_no_worker_outlives_its_supervisor() -> None:
    with started("--workers", "2") as server:
        server.process.kill()
        wait_for(lambda: not server.answers(), within=10)
