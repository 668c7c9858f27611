"""Questions about the past, asked one by one over one connection; each takes from its first byte out to its last in."""

import gzip
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from benchmarks.ask import MODELS_PATH
from benchmarks.calm import Patience, least_disturbed
from benchmarks.cores import Cores, pinned
from benchmarks.errors import WrongAnswerError
from benchmarks.proc import cpu_seconds
from benchmarks.server import Server
from benchmarks.sync_delay import percentile
from benchmarks.year_fill import Filled, Told

CHANGES_PATH = "/api/ai/changes"
PAGES = 50

Answer = TypeVar("Answer")
SEED = 2026
CALM = Patience(attempts=1, wait_s=5)
"""What was asked once cannot be asked anew for the first time, so a disturbed measurement counts as it is."""


@dataclass(frozen=True, slots=True)
class Question:
    """Paths that are asked in turn, and the status that each answer must have. `targeted`: the 20 ms are meant."""

    name: str
    paths: Sequence[str]
    status: int = 200
    targeted: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds of the answers to one question. `body_bytes`: the median, as sent."""

    name: str
    targeted: bool
    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_ms: float
    """What the server's process used for one, without the database's when that is another process; mean."""
    body_bytes: int
    foreign: float
    """Share of one core that others used meanwhile."""


class Asker:
    """One kept-alive connection to a server, asking for gzip as programs do."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.recipe.port, timeout=60)
        self._headers = {**server.recipe.headers, "Accept-Encoding": "gzip"}

    def ask(self, path: str, status: int = 200) -> bytes:
        """The body, still compressed.

        Raises:
            WrongAnswerError: The answer has another status.
        """
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != status:
            raise WrongAnswerError(f"GET {path}: expected {status}, got {response.status}: {plain(body)[:500]!r}")
        return body

    def close(self) -> None:
        """Ends the connection; another question opens a new one."""
        self._connection.close()


def plain(body: bytes) -> bytes:
    """A body without its coding."""
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def questions(asker: Asker, filled: Filled, count: int) -> list[Question]:
    """What is measured, in its order: first what was never asked, then the same again."""
    draw = random.Random(SEED)
    begin, end, serials = filled.begin, filled.end, len(filled.sync_ms)
    assert begin is not None, "at least one list was saved"
    assert end is not None, "as above"
    instants = [begin + (end - begin) * draw.random() for _ in range(2 * count)]
    listed = [f"{MODELS_PATH}?as_of={quote(at.isoformat())}" for at in instants[:count]]
    whole = [f"{MODELS_PATH}?as_of={quote(at.isoformat())}&view=full" for at in instants[count:]]
    some_serials = draw.choices(range(1, serials + 1), k=count)
    by_serial = [f"{MODELS_PATH}?as_of={serial}" for serial in draw.choices(range(1, serials + 1), k=count)]
    changed, gone = _changed_models(asker), _gone_models(asker)
    authors = [model.partition("/")[0] for model in draw.choices(changed, k=count)]
    return [
        Question("list as of an instant, never asked before", listed, targeted=True),
        Question(f"list as of {count} instants in turn, asked again", listed, targeted=True),
        Question("list as of one instant, asked again", listed[:1] * count, targeted=True),
        Question("list as of an instant, view=full, never asked before", whole),
        Question("list as of one instant, view=full, asked again", whole[:1] * count),
        Question("list as of a Serial, never asked before", by_serial),
        Question("changes: the newest page", [CHANGES_PATH] * count, targeted=True),
        Question("changes since a Serial", [_changes(since=serial) for serial in some_serials], targeted=True),
        Question(
            "changes since a Serial, of every cause",
            [_changes(since=serial, cause="all") for serial in some_serials],
            targeted=True,
        ),
        Question("changes: prices by at least 10 %", [_changes(kind="price", min_percent=10)] * count, targeted=True),
        Question(
            "changes of one model", [_changes(model=model) for model in draw.choices(changed, k=count)], targeted=True
        ),
        Question("changes of a kind that never was", [_changes(kind="tokenizer")] * count),
        Question("changes of one author", [_changes(author=author) for author in authors]),
        Question(f"changes: page {PAGES} by cursor", [_page(asker, PAGES)] * count, targeted=True),
        Question("history of one model", [f"{_model(model)}/history" for model in draw.choices(changed, k=count)]),
        Question("one listed model", [_model(model) for model in draw.choices(_listed_models(asker), k=count)]),
        Question("one removed model", [_model(model) for model in draw.choices(gone, k=count)], status=410),
        Question("list of removed models", [f"{MODELS_PATH}?status=removed"] * count),
    ]


def answered(server: Server, filled: Filled, *, count: int, cores: Cores, told: Told) -> list[Answered]:
    """Every question so many times, asked from the load generator's core."""
    asker = Asker(server)
    try:
        with pinned(cores.load):
            found = []
            for question in questions(asker, filled, count):
                cpu_before = cpu_seconds(server.process.pid)
                (times, sizes), foreign = least_disturbed(_asking(asker, question), CALM, cores)
                cpu_s = cpu_seconds(server.process.pid) - cpu_before
                found.append(_summed_up(question, times, sizes, cpu_s=cpu_s, foreign=foreign))
                told(f"{question.name}: {found[-1].p50_ms:.1f} ms, CPU {found[-1].cpu_ms:.1f} ms")
            return found
    finally:
        asker.close()


def _asking(asker: Asker, question: Question) -> Callable[[], tuple[list[float], list[int]]]:
    def ask_all() -> tuple[list[float], list[int]]:
        # The server closes a connection on which nothing came while we waited for others to have done.
        asker.close()
        times, sizes = [], []
        for path in question.paths:
            began_at = time.perf_counter()
            body = asker.ask(path, question.status)
            times.append((time.perf_counter() - began_at) * 1000)
            sizes.append(len(body))
        return times, sizes

    return ask_all


def _summed_up(
    question: Question, times: Sequence[float], sizes: Sequence[int], *, cpu_s: float, foreign: float
) -> Answered:
    ascending = sorted(times)
    return Answered(
        name=question.name,
        targeted=question.targeted,
        count=len(times),
        p50_ms=percentile(ascending, 50),
        p99_ms=percentile(ascending, 99),
        max_ms=ascending[-1],
        cpu_ms=cpu_s / len(times) * 1000,
        body_bytes=sorted(sizes)[len(sizes) // 2],
        foreign=foreign,
    )


def _changes(**asked: object) -> str:
    return f"{CHANGES_PATH}?{urlencode({name: str(value) for name, value in asked.items()})}"


def _model(model: str) -> str:
    return f"{MODELS_PATH}/{quote(model, safe='/:~')}"


class _Change(msgspec.Struct):
    model: str


class _Page(msgspec.Struct):
    changes: list[_Change]
    next: str | None = None


def _page(asker: Asker, number: int) -> str:
    """The address of a later page of all changes, oldest first."""
    asked: dict[str, object] = {"since": 0, "cause": "all"}
    for _ in range(number - 1):
        page = _read(asker, _changes(**asked), _Page)
        if page.next is None:
            break
        asked["cursor"] = page.next
    return _changes(**asked)


def _changed_models(asker: Asker) -> list[str]:
    """Of the newest thousand changes."""
    page = _read(asker, _changes(limit=1000), _Page)
    return sorted({change.model for change in page.changes})


class _Listed(msgspec.Struct):
    id: str


class _Group(msgspec.Struct):
    models: list[_Listed]


class _Listing(msgspec.Struct):
    text: list[_Group]
    image: list[_Group]


def _listed_models(asker: Asker) -> list[str]:
    return _ids(_read(asker, MODELS_PATH, _Listing))


def _gone_models(asker: Asker) -> list[str]:
    return _ids(_read(asker, f"{MODELS_PATH}?status=removed", _Listing))


def _ids(listing: _Listing) -> list[str]:
    return sorted({model.id for group in (*listing.text, *listing.image) for model in group.models})


def _read(asker: Asker, path: str, kind: type[Answer]) -> Answer:
    return msgspec.json.decode(plain(asker.ask(path)), type=kind)
