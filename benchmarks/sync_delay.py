"""How much later answers come while the server syncs without pause than while it does not."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import msgspec

from benchmarks.ask import MODELS_PATH, SYNC_PATH, ask
from benchmarks.cores import Cores, pinned
from benchmarks.errors import ServerFailedError, WrongAnswerError
from benchmarks.fixed_rate import Latencies, Plan
from benchmarks.peers import ROOT
from benchmarks.server import Server
from benchmarks.subject import idle

PER_SECOND = 200.0
CONNECTIONS = 16
CODINGS = ["gzip", "br", "zstd", "identity"]
SYNC_TIMEOUT_S = 60.0
RETRY_S = 0.01
SERIAL_DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds from the instant a request was due. `late_p999_ms` is what the load generator may have added."""

    requests: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    late_p999_ms: float


@dataclass(frozen=True, slots=True)
class SyncDelay:
    """Both phases, and the syncs of the second."""

    without: Delays
    during: Delays
    syncs: int
    sync_ms: float
    """The median time of one `POST /api/ai/sync`."""


def measure(server: Server, seconds: int, rounds: int, cores: Cores) -> SyncDelay:
    """`rounds` times `seconds` without and then with syncs, so that a drift of the machine meets both."""
    authorization = server.recipe.headers["Authorization"]
    plan = Plan(server.recipe.port, MODELS_PATH, authorization, PER_SECOND, seconds, CONNECTIONS, CODINGS)
    quiet: list[Latencies] = []
    busy: list[Latencies] = []
    sync_ms: list[float] = []
    for _ in range(rounds):
        idle(server)
        quiet.append(_answers(_generator(plan, cores), plan))
        before = _serial(server)
        load = _generator(plan, cores)
        durations = _sync_until_done(server, load)
        busy.append(_answers(load, plan))
        _check_serial(server, before + len(durations))
        sync_ms += durations
    return SyncDelay(_delays(quiet), _delays(busy), len(sync_ms), median(sync_ms))


def _generator(plan: Plan, cores: Cores) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.fixed_rate"]
    pipe = subprocess.PIPE
    with pinned(cores.load):
        process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(plan))
    process.stdin.close()
    process.stdin = None
    return process


def _answers(load: subprocess.Popen[bytes], plan: Plan) -> Latencies:
    """What the generator measured, once it is done."""
    output, errors = load.communicate(timeout=plan.seconds + 60)
    if load.returncode != 0:
        raise WrongAnswerError(f"requests at a fixed rate failed:\n{errors.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(output, type=Latencies)


def _sync_until_done(server: Server, load: subprocess.Popen[bytes]) -> list[float]:
    """Syncs one after the other until the generator has ended; the milliseconds each took."""
    durations: list[float] = []
    while load.poll() is None:
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


def _delays(parts: Sequence[Latencies]) -> Delays:
    answer = sorted(value for part in parts for value in part.answer_ms)
    late = sorted(value for part in parts for value in part.late_ms)
    return Delays(
        requests=len(answer),
        p50_ms=percentile(answer, 50),
        p99_ms=percentile(answer, 99),
        p999_ms=percentile(answer, 99.9),
        max_ms=answer[-1],
        late_p999_ms=percentile(late, 99.9),
    )


def percentile(ascending: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` percent do not exceed (nearest rank)."""
    rank = -(-len(ascending) * share // 100)
    return ascending[max(0, int(rank) - 1)]
