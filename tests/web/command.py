"""`llmanac serve` as users start it, in a process of its own, with everything it writes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.serving import wait_for
from tests.web.wire import ask


@contextmanager
def started(tmp_path: Path, open_files: int | None = None, /, **settings: str) -> Iterator[tuple[str, Path]]:
    """As `started_process`, without the process's number."""
    with started_process(tmp_path, open_files, **settings) as (url, written, _):
        yield url, written


@contextmanager
def started_process(
    tmp_path: Path, open_files: int | None = None, /, **settings: str
) -> Iterator[tuple[str, Path, int]]:
    """Its address, the file that grows with what it writes, and its process's number.

    Args:
        open_files: The process's limit of open files.
        settings: Its environment's.
    """
    written = tmp_path / "written.txt"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LLMANAC_", "OPENROUTER_"))},
        "LLMANAC_DATA_DIR": str(tmp_path / "data"),
        "LLMANAC_PORT": "0",
        **settings,
    }
    with written.open("wb") as output:
        command = [sys.executable, "-m", "llmanac.cli.main", "serve"]
        if open_files is not None:
            command = ["sh", "-c", f'ulimit -n {open_files}; exec "$@"', "sh", *command]
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=tmp_path)
        try:
            wait_for(lambda: address(written) or server.poll() is not None)
            url = address(written)
            assert url is not None, written.read_text("utf-8")
            wait_for(lambda: is_ready(url))
            yield url, written, server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    assert server.returncode in (0, -signal.SIGTERM)


def address(written: Path) -> str | None:
    """Where it says that it listens, None before it said so."""
    found = re.search(r" on (http://\S+)\n", written.read_text("utf-8"))
    return found[1] if found else None


def is_ready(url: str) -> bool:
    """Whether it answers and has a list."""
    with suppress(OSError):
        return ask(url, "/readyz", ()).status == 200
    return False
