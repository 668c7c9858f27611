"""The day of a token's last use is noted once a day, however many requests there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, Engine, event

from llmanac.access.gate import Gate
from llmanac.access.token import AccessScope, mint
from llmanac.application import make_app_context
from llmanac.assemble import open_store
from llmanac.assemble_sync import make_plan
from llmanac.errors import StoreError
from llmanac.store.store import Store
from llmanac.sync.worker import Worker, WorkerOptions
from tests.serving import Served, serving, settings_for, wait_for
from tests.web.wire import ask

TOKENS = "/api/ai/tokens"
MONDAY, TUESDAY = datetime(2026, 10, 26, 23, 59, tzinfo=UTC), datetime(2026, 10, 27, 0, 1, tzinfo=UTC)


@contextmanager
def writes() -> Iterator[list[str]]:
    """Every statement that changes a database, while the block lasts."""
    seen: list[str] = []

    def note(_: Connection, __: object, statement: str, *___: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def last_used(served: Served) -> set[str | None]:
    return {row["last_used_on"] for row in served.http.get(TOKENS).json()["tokens"]}


def test_three_hundred_requests_are_one_write(tmp_path: Path, database_url: str) -> None:
    with serving(settings_for(tmp_path, offline=True, database_url=database_url)) as served:
        token = served.http.post(TOKENS, json={"name": "busy"}).json()["token"]
        assert last_used(served) == {None}
        before = datetime.now(UTC).date().isoformat()
        fields = [("Authorization", f"Bearer {token}")]
        with writes() as seen:
            for _ in range(150):
                assert ask(served.url, "/api/ai/models", fields, method="HEAD").status == 200
                assert ask(served.url, "/api/ai/status", fields).status == 200
            wait_for(lambda: last_used(served) != {None})
        assert last_used(served) <= {before, datetime.now(UTC).date().isoformat()}
        assert len(seen) <= (1 if last_used(served) == {before} else 2), seen


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(settings_for(tmp_path))
    yield opened
    opened.close()


class Keeper:
    """A worker that follows only when told, under a clock of the test's."""

    def __init__(self, store: Store, tmp_path: Path) -> None:
        settings = settings_for(tmp_path, offline=True)
        parts = make_app_context(settings, store)
        self.now = MONDAY
        self.gate = Gate(None)
        plan = msgspec.structs.replace(make_plan(settings, store, parts.current.held.state.id), clock=lambda: self.now)
        options = WorkerOptions(
            poll=timedelta(seconds=1), lease=timedelta(seconds=15), offline=True, raw_retention=None
        )
        self.worker = Worker(plan, parts.current, self.gate, options)

    def use(self, token: str) -> None:
        self.gate.admit(token, AccessScope.READ, self.now.timestamp())


def test_each_day_is_noted_once_and_never_backwards(store: Store, tmp_path: Path) -> None:
    minted = mint("busy", (AccessScope.READ,), created_at=MONDAY)
    store.add_token(minted.row)
    keeper = Keeper(store, tmp_path)
    keeper.worker.follow()
    for now, day in ((MONDAY, "2026-10-26"), (TUESDAY, "2026-10-27"), (MONDAY, "2026-10-27")):
        keeper.now = now
        keeper.use(minted.plain)
        keeper.worker.follow()
        assert [row.last_used_on for row in store.tokens()] == [day]


def test_a_use_is_noted_later_when_the_store_was_away(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    minted = mint("once a day", (AccessScope.READ,), created_at=MONDAY)
    store.add_token(minted.row)
    keeper = Keeper(store, tmp_path)
    keeper.worker.follow()
    keeper.use(minted.plain)

    def away(*_: object) -> None:
        raise StoreError("The database is away")

    with monkeypatch.context() as broken:
        broken.setattr(store, "mark_tokens_used", away)
        with pytest.raises(StoreError):
            keeper.worker.follow()
    keeper.worker.follow()
    assert [row.last_used_on for row in store.tokens()] == ["2026-10-26"]
