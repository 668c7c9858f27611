"""A store with some of everything, written without the code that syncs: always the same content, never the same way.

The dice decide what no reader may see: the order of rows, their numbers, and which bytes are written against which.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import msgspec
from sqlalchemy import Connection, Table, insert

from llmanac.store import blobs
from llmanac.store.schema import (
    change,
    fetch,
    lease,
    model_version,
    quarantine,
    quarantine_page,
    raw_page,
    reject,
    revision,
    series,
    snapshot,
    token,
)
from llmanac.store.snapshots import compress
from tests.build import answer, records

BEGIN = datetime(2026, 10, 26, tzinfo=UTC)
HOUR = timedelta(hours=1)
SERIES = ("http://upstream.test", "http://mirror.test")
LISTS = 3
"""Of each series, each fetched twice."""

Row = dict[str, object]


def page_bytes(number: int) -> bytes:
    """What upstream sent as the list of that number, from 0; the same for every series."""
    return answer(records(20 + number))


class Filling:
    """One way to write the content."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self._connection = connection
        self._dice = Random(seed)
        self._blobs: list[int] = []

    def fill(self) -> None:
        """Write all of it."""
        self.insert(lease, [{"name": "sync", "holder": f"holder {self._dice.random()}", "expires_at": BEGIN}])
        names = ("catalogue", "state", "tokens")
        self.insert(revision, [{"name": name, "value": self._dice.randrange(99)} for name in names])
        self.insert(token, [_token("tok_a", None), _token("tok_b", BEGIN)])
        series_ids = self.numbers(len(SERIES))
        snapshot_ids = self.numbers(len(SERIES) * LISTS)
        self.insert(series, [_series(*pair) for pair in zip(series_ids, SERIES, strict=True)])
        for place, series_id in enumerate(series_ids):
            self._fill_series(series_id, snapshot_ids[place::2], serials=range(1 + place, 99, 2))
            self._fill_quarantine(series_id)
        served = {"snapshot_id": snapshot_ids[-2]}
        self._connection.execute(series.update().where(series.c.id == series_ids[0]).values(served))

    def numbers(self, count: int) -> list[int]:
        """Numbers for rows, in any order."""
        return self._dice.sample(range(1, 1000), count)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows in any order."""
        self._connection.execute(insert(table), self._dice.sample(rows, len(rows)))

    def put(self, body: bytes) -> int:
        """Keep bytes, written against any others or none."""
        like = self._dice.choice([None, *self._blobs])
        self._blobs.append(blobs.put(self._connection, body, like=like))
        return self._blobs[-1]

    def _fill_series(self, series_id: int, snapshot_ids: Sequence[int], serials: Sequence[int]) -> None:
        versions = self._fill_versions(series_id)
        documents = {number: b'{"acme/owl-1":{"benchmarks":%d}}' % number for number in range(1, LISTS)}
        order = self._dice.sample(range(LISTS), LISTS)
        pages = {number: self.put(page_bytes(number)) for number in order}
        volatile = {number: self.put(document) for number, document in documents.items()}
        lists = {number: self.put(msgspec.json.encode(versions[: 2 + number])) for number in order}
        rows: list[Row] = [
            {
                "id": snapshot_ids[number],
                "serial": serials[number],
                "series_id": series_id,
                "scope": "all" if number else "text",
                "taken_at": BEGIN + 2 * number * HOUR,
                "digest": f"digest {number}",
                "model_count": 2 + number,
                "versions_id": lists[number],
                "volatile_id": volatile.get(number),
                "comparison": ("first", "seam", "same")[number],
                "compared_id": snapshot_ids[number - 1] if number else None,
                "warning": "odd" if number == 1 else None,
            }
            for number in range(LISTS)
        ]
        self.insert(snapshot, rows)
        self.insert(
            change, [row for number in range(1, LISTS) for row in _changes(snapshot_ids[number], series_id, number)]
        )
        self.insert(reject, [_reject(snapshot_id, position) for snapshot_id in snapshot_ids for position in (0, 7)])
        self._fill_fetches(rows, pages)

    def _fill_versions(self, series_id: int) -> list[int]:
        """Ids of versions in the order of the longest list."""
        ids = [series_id * 1000 + number for number in self.numbers(LISTS + 2)]
        rows = [
            {
                "id": version,
                "series_id": series_id,
                "model": f"acme/owl-{number}",
                "digest": sha256(b"%d" % number).digest(),
                "seen_at": BEGIN + number * HOUR,
                "record": b'{"id":"acme/owl-%d","benchmarks":null}' % number,
            }
            for number, version in enumerate(ids)
        ]
        self.insert(model_version, rows)
        return ids

    def _fill_fetches(self, snapshots: Iterable[Row], pages: dict[int, int]) -> None:
        ids = iter(self.numbers(2 * LISTS))
        taken = self._connection.scalar(
            fetch.select().with_only_columns(fetch.c.id).order_by(fetch.c.id.desc()).limit(1)
        )
        fetches, raw_pages = list[Row](), list[Row]()
        for number, row in enumerate(snapshots):
            for again in range(2):
                fetch_id = (taken or 0) + next(ids)
                fetches.append(
                    {
                        "id": fetch_id,
                        "series_id": row["series_id"],
                        "taken_at": BEGIN + (2 * number + again) * HOUR,
                        "scope": row["scope"],
                        "origin": "import" if again else "fetched",
                        "snapshot_id": row["id"],
                    }
                )
                raw_pages += [
                    {"fetch_id": fetch_id, "part": "models", "position": place, "url": f"/{place}", "blob_id": blob_id}
                    for place, blob_id in enumerate((pages[number], pages[(number + 1) % LISTS]))
                ]
        self.insert(fetch, fetches)
        self.insert(raw_page, raw_pages)

    def _fill_quarantine(self, series_id: int) -> None:
        entry = {
            "series_id": series_id,
            "reason": "shrunk",
            "detail": "small",
            "admissible": True,
            "digest": "d" * 64,
            "model_count": 3,
            "first_seen_at": BEGIN,
            "last_seen_at": BEGIN + HOUR,
            "repeats": 2,
            "stored_bytes": self._dice.randrange(99),
        }
        entry_id = self._connection.execute(insert(quarantine).returning(quarantine.c.id), [entry]).scalar_one()
        pages = [
            {
                "quarantine_id": entry_id,
                "part": "models",
                "position": place,
                "url": f"/{place}",
                "body": compress(b"<html>"),
            }
            for place in range(2)
        ]
        self.insert(quarantine_page, pages)


def fill(connection: Connection, seed: int = 0) -> None:
    """Write the content into an empty store of the newest schema."""
    Filling(connection, seed).fill()


def _series(series_id: int, base_url: str) -> Row:
    return {
        "id": series_id,
        "source": "openrouter",
        "base_url": base_url,
        "scope": "all",
        "flap_seconds": 864_000,
        "validators": '[["u","\\"e\\""]]',
        "agreed_at": BEGIN + 5 * HOUR,
        "attempted_at": BEGIN + 6 * HOUR,
        "outcome": "failed",
        "outcome_code": "UPSTREAM_REFUSED",
        "outcome_detail": "503",
        "failures": 1,
        "due_at": BEGIN + 7 * HOUR,
    }


def _changes(snapshot_id: int, series_id: int, number: int) -> list[Row]:
    """Names that databases sort in different ways."""
    return [
        {
            "snapshot_id": snapshot_id,
            "model": model,
            "field": field,
            "series_id": series_id,
            "seen_at": BEGIN + 2 * number * HOUR,
            "kind": "price",
            "before": '"0.1"',
            "after": None if field else '"0.2"',
            "own_cause": "real",
            "cause": "flap",
            "percent": 10_000 if field else None,
        }
        for model in ("acme/owl-1", "Acme/Owl-1", "acme/öwl", "~acme/owl", "acme/\U0001f989")
        for field in ("", "pricing.prompt", "pricing.overrides[a=1].prompt")
    ]


def _reject(snapshot_id: int, position: int) -> Row:
    return {"snapshot_id": snapshot_id, "position": position, "path": "$", "reason": "no id", "raw": b"\0%d" % position}


def _token(token_id: str, revoked_at: datetime | None) -> Row:
    return {
        "id": token_id,
        "name": "a reader",
        "hint": "lmn_abc",
        "hash": sha256(token_id.encode()).digest(),
        "scopes": '["models:read"]',
        "created_at": BEGIN,
        "expires_at": BEGIN + HOUR,
        "revoked_at": revoked_at,
        "last_used_on": "2026-10-26",
    }
