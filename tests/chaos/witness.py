"""Everything that any client was shown, and every way in which it does not fit together."""

import gzip
import threading
import time
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import brotli

from tests.chaos.lists import ChangingLists, TornError

LAG_SECONDS = 5.0
"""Workers follow within two seconds; the rest is for a machine that has more to do than this."""

KEPT_VIOLATIONS = 25


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer of the list, and what was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    coding: str
    condition: str | None
    sent_at: float
    serial_before: int
    """The highest that this very connection showed before; 0 at its first answer."""


@dataclass(slots=True)
class Outage:
    """A time in which connections may be cut."""

    begun_at: float
    ended_at: float = field(default=float("inf"))


class Witness:
    """Holds every answer against all others. Thread-safe."""

    def __init__(self, lists: ChangingLists) -> None:
        self.counts: Counter[str] = Counter()
        self.violations: list[str] = []
        self._lists = lists
        self._lock = threading.RLock()
        self._versions: dict[bytes, int] = {}
        self._bytes_of_etag: dict[str, tuple[bytes, int]] = {}
        self._etag_of: dict[tuple[str, int], str] = {}
        self._version_of_serial: dict[int, int] = {}
        self._highs: list[tuple[float, int]] = [(0.0, 0)]
        self._floor = (0.0, 0)
        self._outages: list[Outage] = []

    @property
    def newest(self) -> int:
        """The highest Serial that any client was shown or told of."""
        with self._lock:
            return self._highs[-1][1]

    def violate(self, what: str) -> None:
        with self._lock:
            self.counts["violations"] += 1
            if what not in self.violations and len(self.violations) < KEPT_VIOLATIONS:
                self.violations.append(what)

    def begin_outage(self) -> None:
        with self._lock:
            self._outages.append(Outage(time.monotonic()))

    def all_dead(self) -> None:
        """No process lives that was there before: from now on nobody may be shown less than anybody was."""
        with self._lock:
            self._floor = (time.monotonic(), self.newest)

    def end_outage(self) -> None:
        """Service is whole again."""
        with self._lock:
            self._outages[-1].ended_at = time.monotonic()

    def cut(self, opened_at: float, what: str) -> None:
        """A connection broke: that is for times when something was killed."""
        with self._lock:
            self.counts["cut"] += 1
            if not any(outage.ended_at >= opened_at for outage in self._outages):
                self.violate(f"a connection broke though nothing was killed while it was open: {what}")

    def tell(self, serial: int) -> None:
        """A client was told of this Serial, so it must be saved for good."""
        with self._lock:
            if serial > self._highs[-1][1]:
                self._highs.append((time.monotonic(), serial))

    def see(self, answer: Answer) -> int:
        """Judge one answer; its Serial, or 0 where it has none."""
        with self._lock:
            self.counts[f"{answer.status} {answer.coding}"] += 1
            if answer.status not in (200, 304):
                self.violate(f"status {answer.status}: {answer.body[:300]!r}")
                return 0
            serial = answer.headers.get("x-catalogue-serial", "")
            if not serial.isdigit():
                self.violate(f"X-Catalogue-Serial is {serial!r} on a {answer.status}")
                return 0
            version = self._read(answer) if answer.status == 200 else self._recall(answer)
            if version is not None:
                self._bind(int(serial), version)
            self._order(int(serial), answer)
            return int(serial)

    def _read(self, answer: Answer) -> int | None:
        """The version a 200 shows; its ETag must stand for these bytes and no others, and they for it."""
        etag, coding = answer.headers.get("etag", ""), answer.headers.get("content-encoding", "identity")
        if answer.headers.get("content-length") != str(len(answer.body)):
            self.violate(f"{len(answer.body)} bytes came with Content-Length {answer.headers.get('content-length')!r}")
        if coding not in (answer.coding, "identity"):
            self.violate(f"asked for {answer.coding}, got {coding}")
        packed = sha256(answer.body).digest()
        version = self._versions.get(packed)
        if version is None:
            try:
                version = self._lists.identify(_decoded(coding, answer.body))
            except TornError as problem:
                self.violate(f"torn answer in {coding} with ETag {etag}: {problem}")
                return None
            self._versions[packed] = version
        known = self._bytes_of_etag.setdefault(etag, (packed, version))
        if known != (packed, version):
            self.violate(f"ETag {etag} stood for a body of version {known[1]}, now for another of version {version}")
        other = self._etag_of.setdefault((coding, version), etag)
        if other != etag:
            self.violate(f"version {version} in {coding} had ETag {other}, now {etag}")
        return version

    def _recall(self, answer: Answer) -> int | None:
        etag = answer.headers.get("etag")
        if answer.condition is None or etag != answer.condition or answer.body:
            self.violate(f"304 with ETag {etag} and {len(answer.body)} bytes to If-None-Match {answer.condition}")
            return None
        # An ETag whose body was torn has been complained of, and stands for nothing.
        return self._bytes_of_etag[etag][1] if etag in self._bytes_of_etag else None

    def _bind(self, serial: int, version: int) -> None:
        """A Serial is one version for ever, a version one Serial, and both grow together."""
        known = self._version_of_serial.get(serial)
        if known == version:
            return
        if known is not None:
            self.violate(f"Serial {serial} was version {known} and is now version {version}")
            return
        serials = sorted(self._version_of_serial)
        at = bisect_left(serials, serial)
        below = self._version_of_serial[serials[at - 1]] if at else 0
        above = self._version_of_serial[serials[at]] if at < len(serials) else version + 1
        if not below < version < above:
            self.violate(f"Serial {serial} is version {version}, its neighbours are versions {below} and {above}")
        self._version_of_serial[serial] = version

    def _order(self, serial: int, answer: Answer) -> None:
        if serial < answer.serial_before:
            self.violate(f"Serial {serial} after {answer.serial_before} on the same connection")
        restarted_at, floor = self._floor
        if answer.sent_at > restarted_at and serial < floor:
            self.violate(f"Serial {serial} after a restart, though {floor} was shown before it")
        followed = next((high for at, high in reversed(self._highs) if at <= answer.sent_at - LAG_SECONDS), 0)
        if serial < followed:
            self.violate(f"Serial {serial} more than {LAG_SECONDS:g} s after {followed} was shown")
        self.tell(serial)


def _decoded(coding: str, body: bytes) -> bytes:
    """The body without its coding; raises TornError where that cannot be undone."""
    try:
        if coding == "gzip":
            return gzip.decompress(body)
        return bytes(brotli.decompress(body)) if coding == "br" else body
    except (OSError, EOFError, zlib.error, brotli.error) as problem:
        raise TornError(f"{len(body)} bytes are no {coding}: {problem!r}") from problem
