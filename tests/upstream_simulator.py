"""A stand-in for OpenRouter: a real HTTP/1.1 server on loopback that serves lists of models and misbehaves on demand.

    with UpstreamSimulator(make_records(20)) as upstream:
        ...                                             # a product is pointed at upstream.base_url
        upstream.change(fault=FAULTS["hang_in_body"])   # from here on every answer hangs
        upstream.change(fault=None, records=make_records(21))

Sockets are answered by hand, since no HTTP library would send what the faults have to send.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from socket import socket
from types import TracebackType
from typing import Self, Unpack

from tests.upstream_exchange import Exchange, Fault, Outcome, SeenRequest
from tests.upstream_faults import FAULTS
from tests.upstream_listener import Listener, foreign_host
from tests.upstream_plan import Changes, Plan, Records, answer, refuse
from tests.upstream_records import make_records

__all__ = ["FAULTS", "Fault", "Outcome", "SeenRequest", "UpstreamSimulator", "make_records"]


class UpstreamSimulator:
    """A running upstream. All methods may be called from any thread while requests are being answered."""

    def __init__(self, records: Records | Callable[[SeenRequest], Records] = (), /, **changes: Unpack[Changes]) -> None:
        self._plan = replace(Plan(records), **changes)
        self._requests: list[SeenRequest] = []
        self._foreign_requests: list[SeenRequest] = []
        self._news = threading.Condition()
        self._gate = threading.Event()
        self._gate.set()
        self.closing = threading.Event()
        self._listener = Listener("127.0.0.1", self._answer)
        self._foreign = Listener(foreign_host(), self._answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Cut every connection, hanging ones too, and end all threads; a second call does nothing."""
        self.closing.set()
        self._gate.set()
        self._listener.close()
        self._foreign.close()

    @property
    def base_url(self) -> str:
        """What a client takes for OpenRouter's own `https://openrouter.ai/api/v1`."""
        return f"{self._listener.origin}/api/v1"

    @property
    def requests(self) -> list[SeenRequest]:
        """What was asked of upstream so far, oldest first."""
        with self._news:
            return list(self._requests)

    @property
    def foreign_requests(self) -> list[SeenRequest]:
        """What was asked of the other host that some faults point to; it answers 404 to everything."""
        with self._news:
            return list(self._foreign_requests)

    def change(self, **changes: Unpack[Changes]) -> None:
        """Set these things at once, for the requests that are answered from now on; all others stay."""
        with self._news:
            self._plan = replace(self._plan, **changes)

    def wait_for_requests(self, count: int, timeout: float = 10.0) -> list[SeenRequest]:
        """All requests, once there were at least `count` since the start.

        Args:
            timeout: in seconds.

        Raises:
            TimeoutError: fewer came in that time.
        """
        with self._news:
            if not self._news.wait_for(lambda: len(self._requests) >= count, timeout):
                raise TimeoutError(f"upstream saw {len(self._requests)} requests in {timeout} s, expected {count}")
            return list(self._requests)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let requests come in and be recorded, but answer none of them before the block ends."""
        self._gate.clear()
        try:
            yield
        finally:
            self._gate.set()

    def _answer(self, listener: Listener, connection: socket, request: SeenRequest) -> bool:
        foreign = listener is self._foreign
        with self._news:
            (self._foreign_requests if foreign else self._requests).append(request)
            self._news.notify_all()
        self._gate.wait()
        last = request.headers.get("connection", "").lower() == "close"
        exchange = Exchange(request, (), connection, listener.origin, self._foreign.origin, self.closing, last)
        if foreign:
            refuse(exchange, 404, "Not the host you came for")
            return not last
        plan, fault = self._next(request)
        found = plan.records(request) if callable(plan.records) else plan.records
        if fault is None:
            answer(exchange, plan, found)
            return not last
        fault.play(replace(exchange, rows=() if isinstance(found, bytes) else found, last=True))
        return False

    def _next(self, request: SeenRequest) -> tuple[Plan, Fault | None]:
        """The plan in force, and its fault if this request is one to spoil; counts it if so."""
        with self._news:
            plan = self._plan
            spoiled = plan.fault_count != 0 and plan.fault_path in (None, request.path)
            if plan.fault is not None and spoiled and plan.fault_count is not None:
                self._plan = replace(plan, fault_count=plan.fault_count - 1)
            return plan, plan.fault if spoiled else None
