"""`python -m tests.chaos.run --rounds 20 --database both`: exit status 0 if nothing was torn, lost, doubled or refused.

The store is new for each run and removed after it; after a violation the folder with the server's log is kept.
"""

import argparse
import os
import random
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.audit import audit, last_serial
from tests.chaos.lists import ChangingLists, TornError
from tests.chaos.rounds import WORKERS, Rounds, spread
from tests.chaos.server import Server, StalledError
from tests.chaos.stores import Database, PostgresqlDatabase, SqliteDatabase
from tests.chaos.witness import Witness
from tests.upstream_simulator import UpstreamSimulator

TOKEN = "chaos-token-of-enough-characters"
LEASE_SECONDS = 2
"""The least that may be set: so long nobody syncs after whoever did was killed."""

ORDERLY_ENDS = (0, -15, 143)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="kills on each database")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, default=None, help="of an earlier run, to choose the same moments again")
    parser.add_argument("--command", default=f"{Path(sys.executable).parent / 'llmanac'} serve", help="what to start")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    names = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    good = [_run_on(name, shlex.split(options.command), options.rounds, seed) for name in names]
    return 0 if all(good) else 1


def _run_on(name: str, command: Sequence[str], count: int, seed: int) -> bool:
    """All rounds on one database; whether nothing was wrong."""
    _say(f"chaos on {name}: {count} rounds, seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="llmanac-chaos-"))
    database: Database = SqliteDatabase(folder) if name == "sqlite" else PostgresqlDatabase()
    lists = ChangingLists()
    witness = Witness(lists)
    began = time.monotonic()
    try:
        with UpstreamSimulator(lists.next) as upstream:
            server = Server(command, _environment(upstream, database, folder), folder)
            rounds = Rounds(server, database, upstream, witness=witness, token=TOKEN, seed=seed)
            _play(rounds, server, database, lists, witness=witness, count=count)
            saved = last_serial(database) if not witness.violations else "?"
    finally:
        database.drop()
    took = f"{time.monotonic() - began:.0f} s"
    _say(_summary(name, rounds, witness, f"{took}, {saved} Serials saved of {lists.served} lists"))
    _say(_log_notes(server.log))
    for violation in witness.violations:
        _say(f"VIOLATION {violation}")
    if witness.violations:
        _say(f"the server's log is kept in {server.log}; choose the same moments again with --seed {seed}")
        return False
    shutil.rmtree(folder)
    return True


def _play(
    rounds: Rounds, server: Server, database: Database, lists: ChangingLists, *, witness: Witness, count: int
) -> None:
    """The rounds and, with the server at rest, the audit; everything that is wrong ends up with the witness."""
    try:
        serial, body = rounds.run(count)
        status = server.stop()
        if status not in ORDERLY_ENDS:
            witness.violate(f"the end on SIGTERM had status {status}")
        for fault in audit(database, lists, shown=witness.newest, served=(serial, lists.identify(body))):
            witness.violate(fault)
    except (StalledError, TornError, TimeoutError) as problem:
        witness.violate(str(problem))
    finally:
        if server.running:
            server.kill()


def _environment(upstream: UpstreamSimulator, database: Database, folder: Path) -> dict[str, str]:
    """What the server finds set: this machine's variables without any of llmanac's own, then ours."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("LLMANAC_", "OPENROUTER_", "PYTEST_"))
    }
    return inherited | {
        "OPENROUTER_BASE_URL": upstream.base_url,
        "LLMANAC_TOKEN": TOKEN,
        "LLMANAC_DATA_DIR": str(folder),
        "LLMANAC_HOST": "127.0.0.1",
        "LLMANAC_WORKERS": str(WORKERS),
        "LLMANAC_SYNC_INTERVAL_SECONDS": "1",
        "LLMANAC_SYNC_RETRY_SECONDS": "1",
        "LLMANAC_SYNC_TIMEOUT_SECONDS": "5",
        "LLMANAC_LEASE_SECONDS": str(LEASE_SECONDS),
        "LLMANAC_LOG_FORMAT": "json",
        **database.environment,
    }


def _summary(name: str, rounds: Rounds, witness: Witness, rest: str) -> str:
    counts = ", ".join(f"{what}: {count}" for what, count in sorted(witness.counts.items()) if what != "violations")
    kills = ", ".join(f"{count} × {kill}" for kill, count in rounds.kills.items())
    return (
        f"{name}: {'FAILED' if witness.violations else 'ok'}, {witness.counts['violations']} violations; {rest}\n"
        f"  killed: {kills}\n  seen: {counts}\n  first answer after a start: {spread(rounds.boots)}; "
        f"worker replaced: {spread(rounds.replacements)}; syncs went on: {spread(rounds.resumptions)}"
    )


def _log_notes(log: Path) -> str:
    """How often the server itself complained; no violation, but worth a look."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    loud = [line for line in lines if "Traceback" in line or '"level":"error"' in line.replace('": "', '":"')]
    first = f"; the first: {loud[0][:300]}" if loud else ""
    return f"  the server's log: {len(lines)} lines, {len(loud)} of them errors{first}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
