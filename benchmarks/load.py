"""As many requests as fit: wrk with kept-alive connections on one case of one server, and what that cost the server."""

import gzip
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median

import brotli
import msgspec
import zstandard

from benchmarks.ask import MODELS_PATH, Answer, ask
from benchmarks.cores import Cores, pinned
from benchmarks.errors import WrongAnswerError
from benchmarks.peers import executable
from benchmarks.proc import cpu_seconds
from benchmarks.server import Server

CONNECTIONS = 24
DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}
SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Case:
    """One request with the answer it must get. `coding` is what Accept-Encoding asks for."""

    name: str
    coding: str
    status: int


NOT_MODIFIED = Case("304", "gzip", 304)
GZIP = Case("gzip", "gzip", 200)
IDENTITY = Case("identity", "identity", 200)
CASES = (NOT_MODIFIED, GZIP, IDENTITY)
OWN_CASES = (Case("br", "br", 200), Case("zstd", "zstd", 200))
"""Codings that only llmanac has."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """`busy` is the share of its core that the server used; `foreign` the share of one core that others used."""

    per_second: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    busy: float
    foreign: float = 0.0


def middle(repetitions: Sequence[Measurement]) -> Measurement:
    """The median of every figure by itself."""
    return Measurement(
        **{each.name: median(getattr(one, each.name) for one in repetitions) for each in fields(Measurement)}
    )


class Result(msgspec.Struct, frozen=True):
    """The line of wrk.lua."""

    requests: int
    duration_us: int
    bytes: int
    failed: int
    refused: int
    p50_us: int
    p99_us: int


def request_headers(server: Server, case: Case) -> Mapping[str, str]:
    """The headers of the case; for a 304 with the tag that the server gave to the same request without it."""
    headers = {**server.recipe.headers, "Accept-Encoding": case.coding}
    if case.status != 304:
        return headers
    return headers | {"If-None-Match": ask(server.recipe.port, headers=headers).headers["etag"]}


def checked(server: Server, case: Case, expected: bytes) -> Answer:
    """The answer to the case, after a look at it: the status, the coding and, but for a 304, `expected` as the list.

    Raises:
        WrongAnswerError: when it differs.
    """
    answer = ask(server.recipe.port, headers=request_headers(server, case))
    where = f"{server.recipe.name}, {case.name}"
    if answer.status != case.status:
        raise WrongAnswerError(f"{where}: status {answer.status}, expected {case.status}")
    if case.status == 304:
        if answer.body:
            raise WrongAnswerError(f"{where}: a 304 with {len(answer.body)} bytes of body")
        return answer
    coding = answer.headers.get("content-encoding", "identity")
    if coding != case.coding:
        raise WrongAnswerError(f"{where}: coding {coding}")
    if not same_list(DECODERS[coding](answer.body), expected):
        raise WrongAnswerError(f"{where}: the body is not the list that llmanac serves")
    return answer


def same_list(content: bytes, expected: bytes) -> bool:
    """Whether both are the same JSON; equal bytes need no parsing."""
    return content == expected or msgspec.json.decode(content) == msgspec.json.decode(expected)


def measure(server: Server, case: Case, expected: bytes, seconds: int, cores: Cores) -> Measurement:
    """`seconds` of full load.

    Raises:
        WrongAnswerError: the answers had another size, status or none at all.
    """
    size = checked(server, case, expected).wire_bytes
    headers = request_headers(server, case)
    cpu_before, wall_before = cpu_seconds(server.process.pid), time.perf_counter()
    result = wrk(server.recipe.port, headers, seconds, cores)
    wall = time.perf_counter() - wall_before
    cpu = cpu_seconds(server.process.pid) - cpu_before
    off = abs(result.bytes - result.requests * size)
    # What was under way at the end counts as bytes and not as a request; a Date or an age may be a byte longer.
    if result.requests == 0 or result.failed or result.refused or off > CONNECTIONS * size + 0.02 * result.bytes:
        raise WrongAnswerError(
            f"{server.recipe.name}, {case.name}: answers of {size} bytes were expected, wrk saw {result}"
        )
    return Measurement(
        per_second=result.requests / result.duration_us * 1e6,
        cpu_us=cpu / result.requests * 1e6,
        p50_ms=result.p50_us / 1000,
        p99_ms=result.p99_us / 1000,
        busy=cpu / wall,
    )


def wrk(port: int, headers: Mapping[str, str], seconds: int, cores: Cores) -> Result:
    """One run of wrk on the load generator's core."""
    options = [
        "--threads=1",
        f"--connections={CONNECTIONS}",
        f"--duration={seconds}s",
        "--timeout=20s",
        f"--script={SCRIPT}",
    ]
    options += [f"--header={name}: {value}" for name, value in headers.items()]
    command = [executable("wrk", "wrk"), *options, f"http://127.0.0.1:{port}{MODELS_PATH}"]
    with pinned(cores.load):
        output = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return msgspec.json.decode(output.rpartition("RESULT ")[2], type=Result)
