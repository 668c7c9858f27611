"""Commands without their second of imports: a process that has loaded llmanac forks another one for each.

What is forked is a process like any other: the caller's arguments, environment and working directory, warnings that are
errors, and an end of its own, at which what was left open is told.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

READY = b"."


def run_forked(arguments: tuple[str, ...], environment: dict[str, str], within: float) -> tuple[int, str, str]:
    """The exit code of `llmanac` with these arguments, in the working directory, and what it wrote to both streams.

    It is killed, and the code is -9, when it did not end within so many seconds.
    """
    loaded = _loaded()
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with theirs:
            socket.send_fds(loaded, [READY], [theirs.fileno(), out.fileno(), err.fileno()])
        ours.sendall(json.dumps([arguments, environment, str(Path.cwd()), within]).encode())
        ours.shutdown(socket.SHUT_WR)
        code = int(ours.recv(16))
        for stream in (out, err):
            stream.seek(0)
        return code, out.read().decode(), err.read().decode()


@cache
def _loaded() -> socket.socket:
    """To the process that forks for this one, and ends with it."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-W", "error", __file__, str(theirs.fileno())]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    assert ours.recv(1) == READY
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def _load() -> None:
    """Import all of llmanac, and what that imports. No fork looks through these objects for what can be freed."""
    for module in walk_packages(import_module("llmanac").__path__, "llmanac."):
        if ".migrations." not in module.name:
            import_module(module.name)
    gc.collect()
    gc.freeze()


def _become_a_command(caller: socket.socket) -> None:
    """Fork whenever the caller asks for it; returns in each new process, once that is set up as it was asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    caller.sendall(READY)
    while True:
        word, streams, _, _ = socket.recv_fds(caller, 1, 3)
        if not word:
            raise SystemExit
        if os.fork() == 0:
            break
        for stream in streams:
            os.close(stream)
    caller.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=streams[0]) as asked:
        with asked.makefile(encoding="utf-8") as sent:
            arguments, environment, directory, within = json.load(sent)
        if command := os.fork():
            signal.signal(signal.SIGALRM, lambda *_: os.kill(command, signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, within)
            asked.sendall(b"%d" % os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]))
            os._exit(0)
    for place, stream in enumerate(streams[1:], start=1):
        os.dup2(stream, place)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    sys.argv = ["llmanac", *arguments]


if __name__ == "__main__":
    from llmanac.cli.main import run

    _load()
    with socket.socket(fileno=int(sys.argv[1])) as calling:
        _become_a_command(calling)
    run()
