"""A server under measurement: started on its core, waited for, stopped.

Its output goes to a file that is shown when it fails.
"""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from benchmarks.ask import MODELS_PATH, Answer, ask
from benchmarks.cores import pinned
from benchmarks.errors import ServerFailedError

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 15.0
POLL_S = 0.001


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to start a server: `command` listens on `port` of 127.0.0.1 and answers 200 to `path` with `headers`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    port: int
    headers: Mapping[str, str]
    folder: Path
    """Working directory; the output goes to `output.log` in it."""
    path: str = MODELS_PATH


@dataclass(frozen=True, slots=True)
class Server:
    """A process that was started by its recipe and may have ended meanwhile."""

    recipe: Recipe
    process: subprocess.Popen[bytes]
    started_at: float
    """`time.perf_counter()` just before the process was made."""

    def failure(self, what: str) -> ServerFailedError:
        """The error with the end of the server's output."""
        output = (self.recipe.folder / "output.log").read_text(encoding="utf-8", errors="replace")
        return ServerFailedError(f"{self.recipe.name} {what}\n{output[-2000:]}".rstrip())


def free_port() -> int:
    """A port that nobody listens on now; nothing reserves it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(recipe: Recipe, core: int | None) -> Iterator[Server]:
    """Starts it on `core`; stops it by SIGTERM at the end, by SIGKILL when that has no effect.

    Raises:
        ServerFailedError: a request inside failed because the server had stopped.
    """
    with (recipe.folder / "output.log").open("ab") as output, pinned(core):
        started_at = time.perf_counter()
        process = subprocess.Popen(
            recipe.command,
            env=dict(recipe.environment),
            cwd=recipe.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(recipe, process, started_at)
    try:
        yield server
    except (OSError, HTTPException) as error:
        if process.poll() is not None:
            raise server.failure(f"stopped with exit code {process.returncode}") from error
        raise
    finally:
        process.terminate()
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def first_200(server: Server) -> tuple[Answer, float]:
    """The first answer with status 200 and the seconds from the start of the process until it had arrived whole.

    Raises:
        ServerFailedError: the process ended, or none came within a minute.
    """
    seen = "no answer"
    while time.perf_counter() - server.started_at < START_DEADLINE_S:
        if server.process.poll() is not None:
            raise server.failure(f"stopped with exit code {server.process.returncode}")
        try:
            answer = ask(server.recipe.port, server.recipe.path, server.recipe.headers)
        except (OSError, HTTPException) as error:
            seen = repr(error)
        else:
            if answer.status == 200:
                return answer, time.perf_counter() - server.started_at
            seen = f"status {answer.status}"
        time.sleep(POLL_S)
    raise server.failure(f"gave no 200 within {START_DEADLINE_S:.0f} s; last: {seen}")
