"""`llmanac serve` in a process of its own: for what must not happen to this one, and for what it writes."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.serving import TOKEN

SERVE = "from llmanac.cli.main import run; run()"
STOP_SECONDS = 20


@dataclass(frozen=True)
class Process:
    """A running server; `http` asks it as the holder of `TOKEN`, `log` is where its stderr goes."""

    pid: int
    http: httpx2.Client
    log: Path

    def listed(self) -> int:
        """How many text models are served; 0 while there is no answer."""
        try:
            found = self.http.get("/api/ai/models")
        except httpx2.TransportError:
            return 0
        return len(found.json()["text"][0]["models"]) if found.status_code == 200 else 0


@contextmanager
def running(data_dir: Path, base_url: str, **environment: str) -> Iterator[Process]:
    """Serve until the block ends, with SQLite in `data_dir` and no bundle."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = {
        "OPENROUTER_BASE_URL": base_url,
        "LLMANAC_DATA_DIR": str(data_dir),
        "LLMANAC_TOKEN": TOKEN,
        "LLMANAC_PORT": str(port),
        "LLMANAC_SYNC_RETRIES": "0",
        "LLMANAC_BUNDLE": "false",
        "NO_COLOR": "1",
    }
    log = data_dir / "server.log"
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve"],
            env={**os.environ, **settings, **environment},
            cwd=data_dir,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"}
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
            yield Process(process.pid, http, log)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
