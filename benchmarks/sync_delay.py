"""How much later answers come while the server syncs without pause than while it does not."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from tempfile import TemporaryFile
from typing import IO

import msgspec

from benchmarks.ask import MODELS_PATH, SYNC_PATH, ask
from benchmarks.calm import least_disturbed
from benchmarks.cores import Cores, pinned
from benchmarks.errors import ServerFailedError, WrongAnswerError
from benchmarks.fixed_rate import Latencies, Plan
from benchmarks.peers import ROOT
from benchmarks.scale import Scale
from benchmarks.server import Server
from benchmarks.subject import idle

PER_SECOND = 200.0
CONNECTIONS = 16
CODINGS = ["gzip", "br", "zstd", "identity"]
SYNC_TIMEOUT_S = 60.0
RETRY_S = 0.01
SERIAL_DEADLINE_S = 5.0
GENERATOR_ALLOWANCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds from the instant a request was due. `late_p999_ms` is what the load generator may have added."""

    requests: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    late_p999_ms: float
    foreign: float
    """Share of one core that others used, median of the phases."""


@dataclass(frozen=True, slots=True)
class SyncDelay:
    """Both phases, and the syncs of the second."""

    without: Delays
    during: Delays
    syncs: int
    sync_ms: float
    """The median time of one `POST /api/ai/sync`."""


def measure(server: Server, scale: Scale, cores: Cores) -> SyncDelay:
    """Phases without and during syncs in turn, so that a drift of the machine meets both."""
    authorization = server.recipe.headers["Authorization"]
    plan = Plan(server.recipe.port, MODELS_PATH, authorization, PER_SECOND, scale.sync_seconds, CONNECTIONS, CODINGS)
    quiet: list[tuple[Latencies, float]] = []
    busy: list[tuple[Latencies, float]] = []
    sync_ms: list[float] = []
    for _ in range(scale.sync_rounds):
        idle(server)
        quiet.append(least_disturbed(partial(_without, plan, cores), scale.patience, cores))
        during, foreign = least_disturbed(partial(_during, server, plan, cores), scale.patience, cores)
        busy.append((during[0], foreign))
        sync_ms += during[1]
    return SyncDelay(_delays(quiet), _delays(busy), len(sync_ms), median(sync_ms))


def _without(plan: Plan, cores: Cores) -> Latencies:
    with _generating(plan, cores) as load:
        return load.latencies()


def _during(server: Server, plan: Plan, cores: Cores) -> tuple[Latencies, list[float]]:
    """The answers, and the milliseconds of each sync."""
    before = _serial(server)
    with _generating(plan, cores) as load:
        sync_ms = _sync_until_done(server, load)
        latencies = load.latencies()
    _check_serial(server, before + len(sync_ms))
    return latencies, sync_ms


@dataclass(frozen=True, slots=True)
class _Generator:
    """A generator at work. Its figures are more than a pipe holds and are read when it has ended: hence a file."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]
    ends_by: float
    """On `time.monotonic()`, with a generous allowance for a slow start and slow answers."""

    def is_running(self) -> bool:
        """Whether there is more to wait for.

        Raises:
            WrongAnswerError: it should have ended long ago.
        """
        if time.monotonic() > self.ends_by:
            raise WrongAnswerError("requests at a fixed rate were not answered in time")
        return self.process.poll() is None

    def latencies(self) -> Latencies:
        """Once it has ended.

        Raises:
            WrongAnswerError: an answer was not a whole 200.
        """
        while self.is_running():
            time.sleep(RETRY_S)
        self.output.seek(0)
        output = self.output.read()
        if self.process.returncode != 0:
            raise WrongAnswerError(f"requests at a fixed rate failed:\n{output.decode(errors='replace')[-2000:]}")
        return msgspec.json.decode(output, type=Latencies)


@contextmanager
def _generating(plan: Plan, cores: Cores) -> Iterator[_Generator]:
    with TemporaryFile() as output, TemporaryFile() as given:
        given.write(msgspec.json.encode(plan))
        given.seek(0)
        command = [sys.executable, "-m", "benchmarks.fixed_rate"]
        with pinned(cores.load):
            process = subprocess.Popen(command, cwd=ROOT, stdin=given, stdout=output, stderr=output)
        try:
            yield _Generator(process, output, time.monotonic() + plan.seconds + GENERATOR_ALLOWANCE_S)
        finally:
            process.kill()
            process.wait()


def _sync_until_done(server: Server, load: _Generator) -> list[float]:
    """Syncs one after the other until the generator has ended; the milliseconds each took."""
    durations: list[float] = []
    while load.is_running():
        started = time.perf_counter()
        answer = ask(server.recipe.port, SYNC_PATH, server.recipe.headers, method="POST", timeout_s=SYNC_TIMEOUT_S)
        if answer.status == 409:
            time.sleep(RETRY_S)
        elif answer.status == 200:
            durations.append((time.perf_counter() - started) * 1000)
        else:
            raise ServerFailedError(f"{server.recipe.name} answered {answer.status} to a sync: {answer.body[:500]!r}")
    if not durations:
        raise server.failure("refused every sync with 409")
    return durations


def _check_serial(server: Server, expected: int) -> None:
    """That every sync of a changed list made exactly one change set."""
    deadline = time.monotonic() + SERIAL_DEADLINE_S
    while (seen := _serial(server)) != expected:
        if time.monotonic() > deadline:
            raise WrongAnswerError(f"after the syncs the serial is {seen}, expected {expected}")
        time.sleep(RETRY_S)


def _serial(server: Server) -> int:
    return int(ask(server.recipe.port, headers=server.recipe.headers).headers["x-catalogue-serial"])


def _delays(parts: Sequence[tuple[Latencies, float]]) -> Delays:
    answer = sorted(value for part, _ in parts for value in part.answer_ms)
    late = sorted(value for part, _ in parts for value in part.late_ms)
    return Delays(
        requests=len(answer),
        p50_ms=percentile(answer, 50),
        p99_ms=percentile(answer, 99),
        p999_ms=percentile(answer, 99.9),
        max_ms=answer[-1],
        late_p999_ms=percentile(late, 99.9),
        foreign=median(foreign for _, foreign in parts),
    )


def percentile(ascending: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` percent do not exceed (nearest rank)."""
    rank = -(-len(ascending) * share // 100)
    return ascending[max(0, int(rank) - 1)]
