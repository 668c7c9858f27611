"""A real llmanac for tests: the whole application on a real socket, in this process, with the test's own settings."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import uvicorn

from llmanac.application import make_app_context, make_asgi
from llmanac.assemble import open_store
from llmanac.cli.serve import uvicorn_options
from llmanac.settings import Settings
from llmanac.web.app_context import AppContext

TOKEN = "an-outside-token-for-tests"
DEADLINE_SECONDS = 20.0


@dataclass(frozen=True)
class Served:
    """A running server: `http` asks it as the holder of `TOKEN`; `parts` is what it works with."""

    url: str
    http: httpx2.Client
    context: AppContext

    def models(self, **headers: str) -> httpx2.Response:
        """The catalogue's endpoint, uncompressed unless `headers` say otherwise."""
        return self.http.get("/api/ai/models", headers={"Accept-Encoding": "identity", **headers})

    def ids(self) -> list[str]:
        """The ids of the text list, in its order."""
        answer = self.models()
        assert answer.status_code == 200, answer.text
        return [model["id"] for model in answer.json()["text"][0]["models"]]

    def status(self) -> httpx2.Response:
        """`GET /api/ai/status`."""
        return self.http.get("/api/ai/status")

    def sync(self) -> httpx2.Response:
        """`POST /api/ai/sync`, once the one that is under way is over."""
        answers: list[httpx2.Response] = []

        def asked() -> bool:
            answers.append(self.http.post("/api/ai/sync"))
            return answers[-1].status_code != 409 or answers[-1].json()["error"] != "SYNC_RUNNING"

        wait_for(asked)
        return answers[-1]


def settings_for(data_dir: Path, base_url: str = "http://127.0.0.1:9/api/v1", **values: object) -> Settings:
    """Settings of a test: quick, on free ports, never on OpenRouter itself."""
    quick: dict[str, object] = {
        "token": TOKEN,
        "data_dir": data_dir,
        "port": 0,
        "openrouter_base_url": base_url,
        "poll_seconds": 0.05,
        "sync_interval_seconds": 3600,
        "sync_retry_seconds": 3600,
        "sync_timeout_seconds": 5,
        "sync_retries": 0,
        "sync_retry_wait_seconds": 0.01,
        "shutdown_seconds": 5,
        "log_level": "error",
    }
    return Settings.model_validate(quick | values, by_name=True)


@contextmanager
def serving(settings: Settings) -> Iterator[Served]:
    """Serve until the block ends, syncing when it is due: at once unless the settings say offline."""
    store = open_store(settings)
    context = make_app_context(settings, store)
    listener = socket.create_server((settings.host, 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(make_asgi(settings, context), **uvicorn_options(settings)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="served")
    thread.start()
    try:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx2.Client(base_url=url, headers=headers, timeout=DEADLINE_SECONDS) as http:
            wait_for(lambda: server.started)
            yield Served(url, http, context)
    finally:
        server.should_exit = True
        thread.join(DEADLINE_SECONDS)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"


def wait_for(condition: Callable[[], object], *, within: float = DEADLINE_SECONDS) -> None:
    """Return once the condition holds.

    Raises:
        AssertionError: It did not within so many seconds.
    """
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not hold within {within} s"
        pause.wait(0.01)
