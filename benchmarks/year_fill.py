"""Hourly lists → a store, by the product's own sync: asked for over HTTP, judged, woven in, each at its own instant."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.upstream import MODELS_PATH
from benchmarks.year_lists import HourlyList
from llmanac.assemble import open_store
from llmanac.assemble_sync import make_plan
from llmanac.catalogue.catalogue import Catalogue
from llmanac.settings import Settings, series_key
from llmanac.store.rows import Outcome
from llmanac.sync.run import Step, SyncPlan, sync
from llmanac.sync.turn import turn

TOLD_EVERY_S = 10.0

Told = Callable[[str], None]


@dataclass(slots=True)
class Filled:
    """What went in. `landed` by member; `sync_ms` of syncs that brought a change, in their order."""

    base_url: str
    """What the series follows: a server must be told the same."""
    lists: int = 0
    unchanged: int = 0
    not_modified: int = 0
    """Of the unchanged ones: answered 304."""
    models: int = 0
    """Of all lists together."""
    body_bytes: int = 0
    """What upstream sent, without coding; nothing for a 304."""
    changes: int = 0
    landed: dict[str, int] = field(default_factory=dict)
    sync_ms: list[float] = field(default_factory=list)
    unchanged_ms: list[float] = field(default_factory=list)
    begin: datetime | None = None
    end: datetime | None = None


class _Upstream(BaseHTTPRequestHandler):
    """Answers `GET /models` with the list of the hour."""

    protocol_version = "HTTP/1.1"
    body = b""
    etag = ""
    honours_conditions = True

    def do_GET(self) -> None:
        """200, or 304 to its tag; every other path is 404."""
        if urlsplit(self.path).path != MODELS_PATH:
            self.send_error(404)
            return
        unchanged = self.honours_conditions and self.headers.get("If-None-Match") == self.etag
        body = b"" if unchanged else self.body
        self.send_response(304 if unchanged else 200)
        self.send_header("ETag", self.etag)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing."""


@contextmanager
def _upstream() -> Iterator[tuple[type[_Upstream], str]]:
    handler = type("Upstream", (_Upstream,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield handler, f"http://127.0.0.1:{server.server_address[1]}{MODELS_PATH.removesuffix('/models')}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fill(folder: Path, lists: Iterable[HourlyList], told: Told) -> Filled:
    """A new SQLite store in `folder` with all of these lists.

    Every second unchanged list is answered 304, the others with the same bytes again.

    Args:
        told: Given a line of progress every ten seconds.

    Raises:
        BenchmarkError: A list was not taken as it should be.
    """
    with _upstream() as (handler, url):
        filled = Filled(url)
        settings = Settings.model_validate({"data_dir": folder, "openrouter_base_url": url}, by_name=True)
        store = open_store(settings)
        try:
            plan = make_plan(settings, store, store.open_series(series_key(settings)).id)
            with turn(store, plan.holder, timedelta(seconds=settings.lease_seconds)):
                _sync_all(plan, handler, lists, filled, told)
        finally:
            store.close()
    return filled


def _sync_all(
    plan: SyncPlan, handler: type[_Upstream], lists: Iterable[HourlyList], filled: Filled, told: Told
) -> None:
    known: Catalogue | None = None
    due = time.monotonic() + TOLD_EVERY_S
    for hour in lists:
        unchanged = not hour.landed
        filled.unchanged += unchanged
        handler.honours_conditions = filled.unchanged % 2 == 1
        handler.body, handler.etag = hour.body, f'"{hashlib.sha256(hour.body).hexdigest()[:32]}"'
        known = _sync_one(plan, hour, known, filled)
        _count(filled, hour, not_modified=unchanged and handler.honours_conditions)
        if time.monotonic() > due:
            due = time.monotonic() + TOLD_EVERY_S
            told(f"{filled.lists} lists, {filled.changes} changes, {filled.sync_ms[-1]:.0f} ms for the last one")


def _sync_one(plan: SyncPlan, hour: HourlyList, known: Catalogue | None, filled: Filled) -> Catalogue | None:
    at_this_hour = msgspec.structs.replace(plan, clock=lambda: hour.at)
    began_at = time.perf_counter()
    report = sync(at_this_hour, known, _watch)
    took_ms = (time.perf_counter() - began_at) * 1000
    expected = Outcome.CHANGED if hour.landed else Outcome.UNCHANGED
    if report.attempt.outcome is not expected or report.rejects:
        raise BenchmarkError(f"the list of {hour.at}: expected {expected}, got {report.attempt}")
    (filled.sync_ms if hour.landed else filled.unchanged_ms).append(took_ms)
    filled.changes += report.changes
    return report.catalogue or known


def _watch(step: Step) -> None:
    """Nobody watches."""


def _count(filled: Filled, hour: HourlyList, *, not_modified: bool) -> None:
    filled.begin = filled.begin or hour.at
    filled.end = hour.at
    if filled.lists:
        for member, count in hour.landed.items():
            filled.landed[member] = filled.landed.get(member, 0) + count
    filled.lists += 1
    filled.models += hour.models
    filled.not_modified += not_modified
    filled.body_bytes += 0 if not_modified else len(hour.body)
