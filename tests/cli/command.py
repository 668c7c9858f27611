"""The command line as a user runs it: a process of its own, with this test's environment and working directory."""

import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.cli.forked import run_forked
from tests.serving import DEADLINE_SECONDS, wait_for

PROGRAM = (sys.executable, "-W", "error", "-m", "llmanac.cli.main")
"""Warnings are errors in the commands too: a connection or file left open shows on stderr."""

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ended:
    """A command that has ended: its exit code, its data and its words."""

    code: int
    out: str
    err: str


def llmanac(*arguments: str, **environment: str) -> Ended:
    """Run a command to its end."""
    return Ended(*run_forked(arguments, os.environ | environment, DEADLINE_SECONDS))


def on_terminal(width: int, *arguments: str, **environment: str) -> Ended:
    """As `llmanac`, with a terminal of that many columns for its data; without colours."""
    main, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (40, width))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | environment
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        env=environment | {"TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(terminal)
        drawn = b"".join(iter(lambda: _drawn(main), b""))
        assert process.stderr is not None
        err = process.stderr.read().decode()
        code = process.wait(DEADLINE_SECONDS)
    os.close(main)
    return Ended(code, _STYLE.sub("", drawn.decode()).replace("\r\n", "\n"), err)


def _drawn(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux says so when the other side is closed.
        return b""


@dataclass(frozen=True)
class Started:
    """A server that was started by command and listens."""

    process: subprocess.Popen[bytes]
    words: Path

    @property
    def err(self) -> str:
        """What it has said so far."""
        return self.words.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        """Where it listens, by its own words."""
        found = re.search(r"on (http://\S+)$", self.err, re.MULTILINE)
        assert found, self.err
        return found[1]

    def answers(self) -> bool:
        """Whether anybody answers there."""
        try:
            return httpx2.get(f"{self.url}/healthz", timeout=1).status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """End it as an operator does; the exit code."""
        self.process.send_signal(by)
        return self.process.wait(DEADLINE_SECONDS)


@contextmanager
def started(*options: str, **environment: str) -> Iterator[Started]:
    """`llmanac serve` on a free port, from its first answer to the end of the block."""
    with tempfile.NamedTemporaryFile(dir=Path.cwd(), suffix=".stderr") as words:
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", "0", *options],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
        )
        server = Started(process, Path(words.name))
        try:
            wait_for(lambda: process.poll() is not None or "/schema\n" in server.err)
            assert process.poll() is None, server.err
            wait_for(server.answers)
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
            assert process.stdout is not None
            with process.stdout:
                process.wait(DEADLINE_SECONDS)
