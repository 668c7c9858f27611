"""llmanac under measurement: one worker, default settings, SQLite in a folder of its own, the loopback upstream."""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from benchmarks.ask import Answer, ask
from benchmarks.errors import ServerFailedError, WrongAnswerError
from benchmarks.proc import cpu_seconds
from benchmarks.server import Recipe, Server, first_200, free_port
from benchmarks.upstream import Record

LIVE_DEADLINE_S = 60.0
IDLE_DEADLINE_S = 60.0
IDLE_WINDOW_S = 0.5
IDLE_SHARE = 0.04
FOREIGN_PREFIXES = ("LLMANAC_", "OPENROUTER_")


class _Listed(msgspec.Struct):
    id: str


class _Group(msgspec.Struct):
    models: list[_Listed]


class _Listing(msgspec.Struct):
    text: list[_Group]
    image: list[_Group]


def recipe(folder: Path, token: str, upstream_port: int, program: str | None) -> Recipe:
    """`program` is the llmanac to measure; `None` is the one installed beside this Python."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    environment = {
        name: value
        for name, value in os.environ.items()
        # A proxy would swallow the loopback upstream, a setting of the caller's would measure something else.
        if not name.startswith(FOREIGN_PREFIXES) and not name.lower().endswith("_proxy")
    } | {
        "OPENROUTER_BASE_URL": f"http://127.0.0.1:{upstream_port}/api/v1",
        "LLMANAC_TOKEN": token,
        "LLMANAC_DATA_DIR": f"{folder}",
        "LLMANAC_PORT": f"{port}",
        # Only the syncs that a measurement asks for.
        "LLMANAC_SYNC_INTERVAL_SECONDS": "3600",
    }
    command = [program or f"{Path(sys.executable).with_name('llmanac')}", "serve", "--workers", "1"]
    return Recipe("llmanac", command, environment, port, {"Authorization": f"Bearer {token}"}, folder)


def settle(server: Server, upstream: list[Record]) -> Answer:
    """Waits until the upstream's list is served and the server does nothing more on its own; the identity answer.

    Raises:
        ServerFailedError: the list did not come within a minute, or the server stayed busy that long.
        WrongAnswerError: another list than the upstream's.
    """
    first_200(server)
    deadline = time.monotonic() + LIVE_DEADLINE_S
    while (answer := ask(server.recipe.port, headers=server.recipe.headers)).headers.get(
        "x-catalogue-source"
    ) != "live":
        if time.monotonic() > deadline:
            raise server.failure("did not serve the upstream's list")
        time.sleep(0.05)
    check_ids(answer.body, upstream)
    idle(server)
    return answer


def idle(server: Server) -> None:
    """Waits until the background work after a sync (the strongest compression) is done."""
    deadline = time.monotonic() + IDLE_DEADLINE_S
    while time.monotonic() < deadline:
        before = cpu_seconds(server.process.pid)
        time.sleep(IDLE_WINDOW_S)
        if cpu_seconds(server.process.pid) - before <= IDLE_SHARE * IDLE_WINDOW_S:
            return
    raise ServerFailedError(f"{server.recipe.name} stayed busy for {IDLE_DEADLINE_S:.0f} s without any request")


def check_ids(body: bytes, upstream: list[Record]) -> None:
    """That both lists hold the upstream's models in the upstream's order."""
    listing = msgspec.json.decode(body, type=_Listing)
    for output, groups in (("text", listing.text), ("image", listing.image)):
        served = [model.id for group in groups for model in group.models]
        expected = [record["id"] for record in upstream if output in _outputs(record)]
        if served != expected:
            raise WrongAnswerError(
                f"llmanac lists {len(served)} {output} models, the upstream has {len(expected)} (or the order differs)"
            )


def _outputs(record: Record) -> list[str]:
    architecture = record.get("architecture")
    if not isinstance(architecture, Mapping):
        return []
    return list(architecture.get("output_modalities") or [])
