"""The rounds: load without end, a kill at a random moment, and what must have come back before the next one."""

import http.client
import random
import threading
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from tests.chaos.audit import last_serial
from tests.chaos.load import ANSWER_SECONDS, load
from tests.chaos.server import Server, StalledError, until
from tests.chaos.stores import Database
from tests.chaos.witness import KEPT_VIOLATIONS, Witness
from tests.upstream_simulator import FAULTS, UpstreamSimulator

WORKERS = 2
BOOT_SECONDS = 30.0
RECOVERY_SECONDS = 20.0
"""For a new worker, and again for the next Serial: the lease of a dead worker has to run out first."""

FOLLOW_SECONDS = 3.0
"""Workers follow within two; one more for a busy machine."""

LONGEST_CALM_SECONDS = 1.0
LONGEST_INTO_SYNC_SECONDS = 0.08
LONGEST_INTO_START_SECONDS = 1.5


class Kill(StrEnum):
    """What is killed."""

    GROUP = "group"
    GROUP_TWICE = "group, and again while it starts"
    FIRST = "first process alone"
    WORKER = "worker"
    SYNCING = "worker that syncs"


# In half of the rounds the service goes on, in the other half it begins anew.
KILLS = (Kill.GROUP, Kill.GROUP_TWICE, Kill.FIRST, Kill.WORKER, Kill.SYNCING, Kill.SYNCING)


class Rounds:
    """One server on one database, from its first start to its last stop."""

    def __init__(
        self,
        server: Server,
        database: Database,
        upstream: UpstreamSimulator,
        *,
        witness: Witness,
        token: str,
        seed: int,
    ) -> None:
        self.kills: Counter[Kill] = Counter()
        self.boots: list[float] = []
        self.replacements: list[float] = []
        self.resumptions: list[float] = []
        self._server = server
        self._database = database
        self._upstream = upstream
        self._witness = witness
        self._token = token
        self._dice = random.Random(seed)

    def run(self, count: int) -> tuple[int, bytes]:
        """All rounds, then rest; Serial and body of the list that is answered in the end.

        Raises:
            StalledError: Something that had to come back did not.
        """
        self._start()
        until(self._is_live, "a list from upstream", seconds=RECOVERY_SECONDS)
        # Until the first sync there is only the bundled list, which is none of ours; from now on no worker has it.
        self._restart(Kill.GROUP)
        with load(self._server.port, self._token, self._witness):
            for _ in range(count):
                self._round()
                if len(self._witness.violations) == KEPT_VIOLATIONS:
                    break
        return self._rest()

    def _round(self) -> None:
        kill = self._dice.choice(KILLS)
        self.kills[kill] += 1
        if kill is Kill.SYNCING:
            self._replace_syncing()
        else:
            self._await_moment()
            self._witness.begin_outage()
            if kill is Kill.WORKER:
                self._replace(self._dice.choice(self._server.workers()))
            else:
                self._restart(kill)
        self._witness.end_outage()

    def _await_moment(self) -> None:
        """Any moment, or in half of the rounds one shortly after upstream was asked, which is inside a sync."""
        pause, into_sync = self._dice.uniform(0, LONGEST_CALM_SECONDS), self._dice.random() < 0.5
        threading.Event().wait(pause)
        if into_sync:
            self._await_sync()
            threading.Event().wait(self._dice.uniform(0, LONGEST_INTO_SYNC_SECONDS))

    def _await_sync(self) -> None:
        self._upstream.wait_for_requests(len(self._upstream.requests) + 1, RECOVERY_SECONDS)

    def _restart(self, kill: Kill) -> None:
        if kill is Kill.FIRST:
            self._server.kill_first()
        else:
            self._server.kill()
        self._witness.all_dead()
        if kill is Kill.GROUP_TWICE:
            self._server.start()
            threading.Event().wait(self._dice.uniform(0, LONGEST_INTO_START_SECONDS))
            self._server.kill()
            self._witness.all_dead()
        self._start()

    def _start(self) -> None:
        self._server.start()
        self.boots.append(until(self._answers, "an answer after the start", seconds=BOOT_SECONDS))

    def _replace_syncing(self) -> None:
        """Kill the worker that syncs: while it waits for upstream, or shortly after, when it may be saving."""
        waiting = self._dice.random() < 0.5
        with self._upstream.held():
            self._await_sync()
            syncing = self._server.connected_to(urlsplit(self._upstream.base_url).port or 0)
            if len(syncing) != 1:
                raise StalledError(f"expected one worker to be asking upstream, got {len(syncing)}")
            self._witness.begin_outage()
            if waiting:
                self._server.kill_worker(syncing[0])
        if not waiting:
            threading.Event().wait(self._dice.uniform(0, LONGEST_INTO_SYNC_SECONDS))
        self._replace(syncing[0])

    def _replace(self, victim: int) -> None:
        """Kill a worker, if it lives; another must come for it, and syncs must go on."""
        self._server.kill_worker(victim)
        before = self._witness.newest
        replaced = until(lambda: self._complete(without=victim), "another worker", seconds=RECOVERY_SECONDS)
        resumed = until(lambda: self._witness.newest > before, f"Serial {before + 1}", seconds=RECOVERY_SECONDS)
        self.replacements.append(replaced)
        self.resumptions.append(replaced + resumed)

    def _complete(self, *, without: int) -> bool:
        workers = self._server.workers()
        return len(workers) >= WORKERS and without not in workers

    def _rest(self) -> tuple[int, bytes]:
        """Let upstream refuse, so that nothing new is saved, and give every worker the time it has to follow."""
        self._upstream.change(fault=FAULTS["not_found"])
        # Only one syncs at a time: who asks now begins after all others have saved.
        self._await_sync()
        threading.Event().wait(FOLLOW_SECONDS)
        newest = str(last_serial(self._database))
        answers = [self._ask() for _ in range(8 * WORKERS)]
        for headers, _ in answers:
            if headers.get("x-catalogue-serial") != newest:
                self._witness.violate(f"{FOLLOW_SECONDS:g} s after Serial {newest} was saved: {headers}")
        headers, body = answers[-1]
        return int(headers["x-catalogue-serial"]), body

    def _is_live(self) -> bool:
        return self._ask()[0].get("x-catalogue-source") == "live"

    def _answers(self) -> bool:
        if not self._server.running:
            raise StalledError("the server ended by itself while it started")
        try:
            self._ask()
        except (http.client.HTTPException, OSError):
            return False
        return True

    def _ask(self) -> tuple[dict[str, str], bytes]:
        """The list, on a connection of its own; any status but 200 is a violation."""
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/api/ai/models", headers={"Authorization": f"Bearer {self._token}"})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != 200:
            self._witness.violate(f"status {response.status} to a probe: {body[:300]!r}")
        return {name.lower(): value for name, value in response.getheaders()}, body


def spread(seconds: Sequence[float]) -> str:
    """Median and maximum, for the summary."""
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.2f} s, at most {ordered[-1]:.2f} s"
