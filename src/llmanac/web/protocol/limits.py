"""What a connection may take, and what all connections of a process may take together."""

import time
from collections import Counter
from typing import Protocol

import msgspec
import structlog

log = structlog.get_logger("llmanac.web")

_RESERVED_FILES = 64
"""Open files that are left for the database, upstream and the process itself."""
_UNKNOWN_FILES = 1024
_LOG_SECONDS = 10.0


class ConnectionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Each is a setting: `LLMANAC_REQUEST_…` those of one request, the others under their own names."""

    max_head_bytes: int
    max_fields: int
    max_body_bytes: int
    max_anonymous_body_bytes: int
    """Of a request without a good token."""
    max_pending_bytes: int
    """Of all requests that are not answered yet."""
    max_connections: int
    max_connections_per_address: int
    head_seconds: float
    body_seconds: float
    answer_seconds: float
    """For a client to take what is written to it."""
    keep_alive_seconds: float

    @property
    def look_seconds(self) -> float:
        """How often a connection looks at the clock, so that no time is passed by more than half of the shortest."""
        shortest = min(self.head_seconds, self.body_seconds, self.answer_seconds, self.keep_alive_seconds)
        return max(shortest / 2, 0.05)


class Closable(Protocol):
    """A connection, as the others see it."""

    @property
    def is_idle(self) -> bool:
        """It waits for its client: nothing is lost when it is closed."""

    def make_room(self) -> None:
        """Close at once."""


class OpenConnections:
    """The connections of one process. Used on the event loop only.

    When there is no room, the oldest one that waits for its client gives way to a new one. So silent connections lock
    nobody out, and whoever is being answered is answered.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._addresses: dict[Closable, str] = {}
        self._counts: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self._told_at = float("-inf")
        self.pending_bytes = 0

    def open(self, connection: Closable, address: str) -> bool:
        """Take a new connection in; False when there is no room for it."""
        of_address = self._counts[address] >= self._limits.max_connections_per_address
        if of_address or len(self._addresses) >= self._limits.max_connections:
            oldest = self._oldest_idle(address if of_address else None)
            self._tell("refused" if oldest is None else "closed_idle")
            if oldest is None:
                return False
            self.close(oldest)
            oldest.make_room()
        self._addresses[connection] = address
        self._counts[address] += 1
        return True

    def close(self, connection: Closable) -> None:
        """Forget a connection."""
        address = self._addresses.pop(connection, None)
        if address is None:
            return
        self._counts[address] -= 1
        if not self._counts[address]:
            del self._counts[address]

    def hold(self, count: int) -> bool:
        """Count bytes of unanswered requests, or no longer where negative; False when there are too many."""
        self.pending_bytes += count
        if count <= 0 or self.pending_bytes <= self._limits.max_pending_bytes:
            return True
        self._tell("refused_bytes")
        return False

    def _oldest_idle(self, address: str | None) -> Closable | None:
        """The one that was opened first, of an address or of all."""
        for connection, its_address in self._addresses.items():
            if (address is None or its_address == address) and connection.is_idle:
                return connection
        return None

    def _tell(self, what: str) -> None:
        """Log it with the others of the last seconds: who floods connections must not flood the log."""
        self._told[what] += 1
        now = time.monotonic()
        if now - self._told_at >= _LOG_SECONDS:
            self._told_at = now
            log.warning("connections.full", open=len(self._addresses), **self._told)
            self._told.clear()


def possible_connections() -> int:
    """How many connections the process's limit of open files leaves room for, at least one."""
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        return _UNKNOWN_FILES - _RESERVED_FILES
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        files = _UNKNOWN_FILES * 1024
    return max(files - _RESERVED_FILES, files // 4, 1)
