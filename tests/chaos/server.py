"""The server under test as a process group of its own: begun, watched through /proc, and killed in whole or in part."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.01
DEATH_SECONDS = 10.0
GRACE_SECONDS = 15.0


class StalledError(Exception):
    """Something that had to happen did not happen in time."""


def until(condition: Callable[[], bool], what: str, *, seconds: float) -> float:
    """Wait for a condition; how long it took, in seconds.

    Raises:
        StalledError: It did not come in time.
    """
    began = time.monotonic()
    pause = threading.Event()
    while not condition():
        if time.monotonic() - began > seconds:
            raise StalledError(f"expected {what} within {seconds:g} s")
        pause.wait(POLL_SECONDS)
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the group."""

    pid: int
    parent: int
    words: str


class Server:
    """`llmanac serve` on one port and one store, through any number of deaths."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "server.log"
        self._command = [*command, "--port", str(self.port)]
        self._environment = dict(environment)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def members(self) -> list[Member]:
        """Living processes of the group, the first one included."""
        assert self._process is not None
        return [member for member in map(_member, _pids()) if member and _group(member.pid) == self._process.pid]

    def workers(self) -> list[int]:
        """Children of the first process, without the one that Python starts to tidy up after the others."""
        assert self._process is not None
        return [
            member.pid
            for member in self.members()
            if member.parent == self._process.pid and "resource_tracker" not in member.words
        ]

    def connected_to(self, port: int) -> list[int]:
        """The workers that have a connection to this port of 127.0.0.1 at this moment."""
        sockets = _connected_sockets(port)
        return [pid for pid in self.workers() if sockets & _open_files(pid)]

    def kill(self) -> None:
        """Kill -9 all of the group at once, and wait until none of it lives."""
        assert self._process is not None
        if self.members():
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(DEATH_SECONDS)
        until(lambda: not self.members(), "the whole group to be dead", seconds=DEATH_SECONDS)

    def kill_first(self) -> None:
        """Kill -9 the first process alone; the workers must notice and leave, or they would hold the port.

        Raises:
            StalledError: One is still there after the time of grace; all are killed then.
        """
        assert self._process is not None
        self._process.kill()
        self._process.wait(DEATH_SECONDS)
        try:
            until(lambda: not self.members(), "workers to leave after their parent's death", seconds=GRACE_SECONDS)
        finally:
            self.kill()

    def kill_worker(self, pid: int) -> None:
        """Kill -9 one of `workers()`."""
        if pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> int:
        """Ask the first process to end, as a service manager would; its exit status.

        Raises:
            StalledError: It, or a process it began, is still there after the time of grace; all are killed then.
        """
        assert self._process is not None
        self._process.terminate()
        try:
            until(lambda: not self.running and not self.members(), "an orderly end on SIGTERM", seconds=GRACE_SECONDS)
        finally:
            self.kill()
        return self._process.returncode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on (proc(5)); none for a process that is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [] if fields[0] in ("Z", "X") else fields


def _group(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[2]) if fields else None


def _member(pid: int) -> Member | None:
    fields = _stat(pid)
    if not fields:
        return None
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Member(pid, int(fields[1]), words)


def _connected_sockets(port: int) -> set[str]:
    """Names, as in /proc/PID/fd, of the sockets that are connected to a port of 127.0.0.1 (proc_net_tcp(5))."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    fields = [line.split() for line in lines]
    return {f"socket:[{field[9]}]" for field in fields if field[2] == f"0100007F:{port:04X}" and field[3] == "01"}


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found.add(str(entry.readlink()))
    return found
