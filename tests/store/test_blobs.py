"""Bytes kept once, as differences: they come back as they were, or it is said which of them did not."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from random import Random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, func, select, update

from llmanac.errors import StoreError
from llmanac.store import blobs
from llmanac.store.database import Database
from llmanac.store.migrate import migrate
from llmanac.store.schema import blob, metadata
from tests.build import answer, records
from tests.shared_data import SHARED_DATA, RealList
from tests.strategies import quick


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    database = Database(database_url)
    with database.write() as opened:
        metadata.create_all(opened, [blob])
        yield opened
    database.close()


def noise(size: int, seed: int = 0) -> bytes:
    return Random(seed).randbytes(size)


def depth_of(connection: Connection, blob_id: int) -> int:
    return int(connection.execute(select(blob.c.depth).where(blob.c.id == blob_id)).scalar_one())


def stored_size(connection: Connection, blob_id: int) -> int:
    return len(connection.execute(select(blob.c.body).where(blob.c.id == blob_id)).scalar_one())


def chain(connection: Connection, length: int) -> dict[int, bytes]:
    """Lists that each differ a little from the one before, and are put as like it."""
    kept: dict[int, bytes] = {}
    last: int | None = None
    rows = records(60)
    for number in range(length):
        rows[number % len(rows)]["name"] = f"Renamed {number}"
        last = blobs.put(connection, answer(rows), like=last)
        kept[last] = answer(rows)
    return kept


@quick
@given(st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 30), st.integers(0, 3)), max_size=30))
def test_bytes_come_back_as_they_went_in_whatever_they_are_like(drawn: Sequence[tuple[bytes, int, int]]) -> None:
    """Each body may also hold another one several times over, so that it is worth a difference."""
    engine = create_engine("sqlite://")
    kept: dict[int, bytes] = {}
    with engine.begin() as connection:
        metadata.create_all(connection, [blob])
        for body, like, times in drawn:
            bodies = list(kept.values())
            whole = body + bodies[like % len(bodies)] * times if bodies else body
            kept[blobs.put(connection, whole[:9000], like=[*kept, None][like % (len(kept) + 1)])] = whole[:9000]
        assert blobs.read_many(connection, kept) == kept
        assert all(blobs.read(connection, blob_id) == body for blob_id, body in kept.items())
        assert connection.scalar(select(func.count()).select_from(blob)) == len(kept)
    engine.dispose()


def test_equal_bytes_are_kept_once(connection: Connection) -> None:
    first = blobs.put(connection, b"same", like=None)
    other = blobs.put(connection, b"other", like=first)
    assert blobs.put(connection, b"same", like=other) == first
    assert connection.scalar(select(func.count()).select_from(blob)) == 2


def test_a_list_that_differs_a_little_takes_little(connection: Connection) -> None:
    alone, *others = chain(connection, 5)
    assert all(stored_size(connection, other) * 5 < stored_size(connection, alone) for other in others)


def test_what_is_not_alike_is_kept_alone(connection: Connection) -> None:
    first = blobs.put(connection, noise(5000, 1), like=None)
    assert depth_of(connection, blobs.put(connection, noise(5000, 2), like=first)) == 0


def test_half_of_it_alike_is_not_worth_a_difference(connection: Connection) -> None:
    first = blobs.put(connection, noise(5000, 1), like=None)
    assert depth_of(connection, blobs.put(connection, noise(5000, 1)[:2400] + noise(2600, 2), like=first)) == 0
    assert depth_of(connection, blobs.put(connection, noise(5000, 1)[:2600] + noise(2400, 2), like=first)) == 1


def test_a_chain_is_never_longer_than_is_quickly_read(connection: Connection) -> None:
    kept = chain(connection, 3 * blobs.MAX_DEPTH)
    depths = [depth_of(connection, blob_id) for blob_id in kept]
    assert max(depths) == blobs.MAX_DEPTH
    assert depths[: blobs.MAX_DEPTH + 3] == [*range(blobs.MAX_DEPTH + 1), 1, 2]
    assert blobs.read_many(connection, kept) == kept


def test_what_is_too_large_for_a_window_is_kept_alone(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "MAX_WINDOW_BYTES", 10_000)
    first = blobs.put(connection, noise(5000), like=None)
    assert depth_of(connection, blobs.put(connection, noise(5000) + b"x", like=first)) == 0
    assert depth_of(connection, blobs.put(connection, noise(5000)[:-1], like=first)) == 1


def test_the_largest_list_that_may_be_fetched_comes_back(connection: Connection) -> None:
    body = noise(1 << 20) * 64
    first = blobs.put(connection, body, like=None)
    second = blobs.put(connection, body + b"x", like=first)
    assert blobs.read(connection, first) == body
    assert blobs.read(connection, second) == body + b"x"


def test_like_one_that_is_gone_is_like_none(connection: Connection) -> None:
    kept = blobs.put(connection, b"bytes", like=12345)
    assert blobs.read(connection, kept) == b"bytes"


def test_more_than_one_statement_holds_are_read_at_once(connection: Connection) -> None:
    kept = {blobs.put(connection, b"%d" % number, like=None): b"%d" % number for number in range(1203)}
    assert blobs.read_many(connection, kept) == kept
    assert blobs.read_many(connection, []) == {}


def test_one_that_is_not_there_is_named(connection: Connection) -> None:
    kept = blobs.put(connection, b"bytes", like=None)
    with pytest.raises(StoreError, match=f"blob {kept + 1} "):
        blobs.read_many(connection, [kept, kept + 1])


DAMAGES = ("another body", "another body of that size", "no zstd", "nothing", "another size", "another digest")


def damage(connection: Connection, blob_id: int, kind: str) -> None:
    size = connection.execute(select(blob.c.size).where(blob.c.id == blob_id)).scalar_one()
    values: dict[str, object] = {
        "another body": {"body": zstandard.compress(b"another")},
        "another body of that size": {"body": zstandard.compress(b"x" * size)},
        "no zstd": {"body": b"damaged"},
        "nothing": {"body": b""},
        "another size": {"size": size + 1},
        "another digest": {"digest": sha256(b"%d" % blob_id).digest()},
    }[kind]
    connection.execute(update(blob).where(blob.c.id == blob_id).values(values))


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_one_is_named_by_itself_and_by_those_written_against_it(kind: str, connection: Connection) -> None:
    kept = chain(connection, 5)
    ids = list(kept)
    for place in (4, 2, 0):
        with connection.begin_nested() as undone:
            damage(connection, ids[place], kind)
            assert blobs.read_many(connection, ids[:place]) == {sound: kept[sound] for sound in ids[:place]}
            for broken in ids[place:]:
                if kind == "another digest" and broken != ids[place]:
                    # The bytes are right; only who reads a blob itself holds them against its digest.
                    assert blobs.read(connection, broken) == kept[broken]
                    continue
                with pytest.raises(StoreError, match=f"blob {ids[place]},"):
                    blobs.read(connection, broken)
            undone.rollback()


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_comes_new_is_kept_though_all_that_is_like_it_is_damaged(kind: str, connection: Connection) -> None:
    ids = list(chain(connection, 3))
    damage(connection, ids[0], kind)
    damage(connection, ids[2], kind)
    body = answer(records(61))
    made = blobs.put(connection, body, like=ids[2])
    assert depth_of(connection, made) == 0
    assert blobs.read(connection, made) == body


def test_a_transaction_that_is_undone_leaves_none(database_url: str) -> None:
    database = Database(database_url)
    migrate(database)

    def fail() -> None:
        with database.write() as connection:
            blobs.put(connection, b"bytes", like=None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(blob)) == 0
    database.close()


@pytest.mark.real_lists
def test_the_real_lists_take_a_fifth_as_differences(connection: Connection) -> None:
    paths = sorted(SHARED_DATA.glob("snapshots/daily-all/*.json.gz"))
    kept: dict[int, bytes] = {}
    last: int | None = None
    for path in paths:
        body = RealList(path).raw()
        last = blobs.put(connection, body, like=last)
        kept[last] = body
    assert blobs.read_many(connection, kept) == kept
    stored = sum(stored_size(connection, blob_id) for blob_id in kept)
    alone = sum(path.stat().st_size for path in paths)
    assert stored * 5 < alone
