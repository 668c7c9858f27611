"""Clients that never stop: readers of the list in each coding, one that asks conditionally, and one that syncs."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.witness import Answer, Witness

ANSWER_SECONDS = 10.0
"""An answer that takes longer counts as a broken connection."""

REQUESTS_PER_CONNECTION = 25
"""New connections now and then, so that each reader meets every worker."""

READ_PAUSE_SECONDS = 0.001
SYNC_PAUSE_SECONDS = 0.02
RETRY_PAUSE_SECONDS = 0.01


class Client(threading.Thread):
    """One connection after another to the server, until told to stop; `turn` makes one request."""

    def __init__(self, name: str, port: int, token: str, witness: Witness, pause_seconds: float) -> None:
        super().__init__(name=name)
        self.witness = witness
        self.headers = {"Authorization": f"Bearer {token}"}
        self._port = port
        self._pause_seconds = pause_seconds
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while not self._stop_asked.is_set():
            opened_at = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
            try:
                self._use(connection)
            except ConnectionRefusedError:
                self.witness.cut(opened_at, f"{self.name}: refused")
                self._stop_asked.wait(RETRY_PAUSE_SECONDS)
            except (http.client.HTTPException, OSError) as problem:
                self.witness.cut(opened_at, f"{self.name}: {problem!r}")
            except Exception as problem:
                self.witness.violate(f"{self.name} could not go on: {problem!r}")
                raise
            finally:
                connection.close()

    def stop(self) -> None:
        self._stop_asked.set()
        self.join()

    def begin(self) -> None:
        """A connection is new."""

    def turn(self, connection: http.client.HTTPConnection) -> None:
        raise NotImplementedError

    def _use(self, connection: http.client.HTTPConnection) -> None:
        self.begin()
        for _ in range(REQUESTS_PER_CONNECTION):
            if self._stop_asked.is_set():
                return
            self.turn(connection)
            self._stop_asked.wait(self._pause_seconds)


class Reader(Client):
    """Reads the list in one coding; a conditional one sends the ETag it got last."""

    def __init__(self, coding: str, port: int, token: str, witness: Witness, *, conditional: bool = False) -> None:
        name = f"reader of {coding}" + (" if changed" if conditional else "")
        super().__init__(name, port, token, witness, READ_PAUSE_SECONDS)
        self._coding = coding
        self._conditional = conditional
        self._etag: str | None = None
        self._serial = 0

    def begin(self) -> None:
        self._serial = 0

    def turn(self, connection: http.client.HTTPConnection) -> None:
        condition = {"If-None-Match": self._etag} if self._etag else {}
        sent_at = time.monotonic()
        connection.request(
            "GET", "/api/ai/models", headers={**self.headers, "Accept-Encoding": self._coding, **condition}
        )
        response = connection.getresponse()
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, headers, body, self._coding, self._etag, sent_at, self._serial)
        self._serial = max(self._serial, self.witness.see(answer))
        if self._conditional and response.status == 200:
            self._etag = headers.get("etag")


class Syncer(Client):
    """Asks for a sync over and over; 409 is the answer while another one runs."""

    def __init__(self, port: int, token: str, witness: Witness) -> None:
        super().__init__("syncer", port, token, witness, SYNC_PAUSE_SECONDS)

    def turn(self, connection: http.client.HTTPConnection) -> None:
        connection.request("POST", "/api/ai/sync", headers=self.headers)
        response = connection.getresponse()
        body = response.read()
        if response.status not in (200, 409):
            self.witness.violate(f"POST /api/ai/sync: status {response.status}: {body[:300]!r}")
        outcome, serial = _report(body) if response.status == 200 else ("refused", 0)
        self.witness.counts[f"sync {outcome}"] += 1
        self.witness.tell(serial)


def _report(body: bytes) -> tuple[str, int]:
    """Outcome and Serial that a sync tells of."""
    try:
        report = json.loads(body)
        return str(report["attempt"]["outcome"]), int(report["serial"])
    except (ValueError, LookupError, TypeError):
        return f"without outcome: {body[:100]!r}", 0


@contextmanager
def load(port: int, token: str, witness: Witness) -> Iterator[None]:
    """All clients at work while the block runs."""
    clients: list[Client] = [
        Reader("identity", port, token, witness),
        Reader("gzip", port, token, witness),
        Reader("br", port, token, witness),
        Reader("gzip", port, token, witness, conditional=True),
        Syncer(port, token, witness),
    ]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.stop()
