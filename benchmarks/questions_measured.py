"""How long every question takes, in one process, on lists that grow."""

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from benchmarks.errors import WrongAnswerError
from benchmarks.questions_asked import QUESTIONS
from benchmarks.questions_lists import ASKED_AT
from benchmarks.questions_peers import Facts, Peer, PlainPeer, SqlitePeer, facts_of
from llmanac.query.facets import facets
from llmanac.query.fields import LISTING_FIELDS
from llmanac.query.index import Index, make_index
from llmanac.query.parse import parse_query
from llmanac.query.query import Query, read_query
from llmanac.query.read import read_words
from llmanac.query.row import Row
from llmanac.query.search import search

ENGINE, PLAIN, SQLITE = "llmanac", "comprehension", "SQLite"
PEERS: Mapping[str, Callable[[Sequence[Facts]], Peer]] = {PLAIN: PlainPeer, SQLITE: SqlitePeer}


@dataclass(frozen=True, slots=True)
class Time:
    """Milliseconds that one question keeps the processor busy."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Grown:
    """What one size of list gave. `times` by who answers and by question; `totals` are the rows found by question."""

    models: int
    totals: Mapping[str, int]
    times: Mapping[str, Mapping[str, Time]]
    build_ms: Mapping[str, float]
    """Until it can be asked; the engine's is every table that the questions need."""
    memory_mb: float
    """Of all the engine's tables, without the rows."""


def measured(rows: Sequence[Row], rounds: int, peer_rounds: int) -> Grown:
    """One size."""
    memory_mb = _memory_mb(rows)
    index = make_index(rows)
    started = time.process_time()
    totals = {name: _ask(index, text, 0) for name, text in QUESTIONS.items()}
    build = {ENGINE: (time.process_time() - started) * 1000}
    times = {ENGINE: {name: _timed(partial(_ask, index, text), rounds) for name, text in QUESTIONS.items()}}
    known = [facts_of(row) for row in rows]
    for name, make in PEERS.items():
        started = time.process_time()
        peer = make(known)
        build[name] = (time.process_time() - started) * 1000
        times[name] = {}
        for question, text in QUESTIONS.items():
            _check(name, question, _ask_peer(peer, text, 0), totals[question])
            times[name][question] = _timed(partial(_ask_peer, peer, text), peer_rounds)
    return Grown(len(rows), totals, times, build, memory_mb)


def _memory_mb(rows: Sequence[Row]) -> float:
    tracemalloc.start()
    try:
        index = make_index(rows)
        before = tracemalloc.get_traced_memory()[0]
        for text in QUESTIONS.values():
            _ask(index, text, 0)
        return (tracemalloc.get_traced_memory()[0] - before) / 1e6
    finally:
        tracemalloc.stop()


def _read(text: str) -> tuple[Query, Sequence[str]]:
    values = parse_query(text, LISTING_FIELDS)
    return read_query(values), read_words(values["facets"])


def _ask(index: Index, text: str, turn: int) -> int:
    """Each turn a minute later: what was left in the same minute is kept, and a question is to be answered anew."""
    query, counted = _read(text)
    now = ASKED_AT + timedelta(minutes=turn)
    page = search(index, query, now=now)
    if counted:
        facets(index, query, counted, now=now)
    return page.total


def _ask_peer(peer: Peer, text: str, turn: int) -> int:
    query, counted = _read(text)
    return peer.answer(query, counted, ASKED_AT + timedelta(minutes=turn))


def _check(peer: str, question: str, total: int, expected: int) -> None:
    """A peer that answers another question is none."""
    if total != expected and "q=" not in QUESTIONS[question]:
        raise WrongAnswerError(f"{peer} finds {total} for {question!r}, llmanac {expected}")


def _timed(ask: Callable[[int], int], rounds: int) -> Time:
    """Of the processor: a machine that does something else at the same time slows it little."""
    taken = []
    for turn in range(1, rounds + 1):
        started = time.process_time()
        ask(turn)
        taken.append((time.process_time() - started) * 1000)
    return Time(statistics.median(taken), statistics.quantiles(taken, n=100, method="inclusive")[98])
