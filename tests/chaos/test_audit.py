"""The audit says nothing of a sound store, and names each fault it is there to find."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.chaos.audit import audit, last_serial
from tests.chaos.lists import ChangingLists
from tests.chaos.stores import SqliteDatabase
from tests.sync.pipeline import HOUR, Pipeline
from tests.upstream_simulator import UpstreamSimulator

SYNCS = 12

FAULTS = {
    "UPDATE snapshot SET serial = 99 WHERE serial = 5": "without gap or double",
    "UPDATE snapshot SET taken_at = '2020' WHERE serial = 5": "was taken at",
    "UPDATE snapshot SET comparison = 'first' WHERE serial = 5": "is first to",
    "UPDATE snapshot SET compared_id = 1 WHERE serial = 5": "is same to 1",
    "UPDATE snapshot SET model_count = 1 WHERE serial = 5": "counts 1",
    "UPDATE snapshot SET (versions_id, volatile_id) = (SELECT versions_id, volatile_id FROM snapshot WHERE serial = 4)"
    " WHERE serial = 5": "Serial 5 has the bytes of version 5, the models of 4",
    "UPDATE snapshot SET volatile_id = NULL WHERE serial = 5": "cannot be rebuilt",
    "UPDATE snapshot SET volatile_id = versions_id WHERE serial = 5": "cannot be read",
    "UPDATE blob SET digest = x'00' WHERE id = 5": "is not what its digest says",
    "UPDATE blob SET body = x'00' WHERE id = 5": "cannot be unpacked",
    "UPDATE blob SET depth = 9 WHERE id = 5": "has depth 9",
    "DELETE FROM blob WHERE id = 5": "there is no blob 5",
    "INSERT INTO blob VALUES (9999, x'00', 0, NULL, 0, x'00')": "nobody reads",
    "DELETE FROM fetch WHERE id = 5": "was fetched otherwise",
    "UPDATE fetch SET snapshot_id = 4 WHERE id = 5": "was fetched otherwise",
    "DELETE FROM raw_page WHERE fetch_id = 5": "without raw bytes",
    "UPDATE raw_page SET blob_id = (SELECT blob_id FROM raw_page WHERE fetch_id = 4) WHERE fetch_id = 5": "not newer",
    "DELETE FROM model_version WHERE id = 99": "that are not there",
    "INSERT INTO model_version SELECT 99999, series_id, model, x'00', seen_at, record FROM model_version LIMIT 1": (
        "versions that no list has"
    ),
    "DELETE FROM change WHERE snapshot_id = 5 AND model = (SELECT min(model) FROM change WHERE snapshot_id = 5)": (
        "Serial 5 says of"
    ),
    "UPDATE change SET before = '\"other\"' WHERE snapshot_id = 5 AND field = 'name'": "Serial 5 says of",
    "UPDATE change SET kind = 'added' WHERE kind = 'returned'": "says of",
    "UPDATE change SET own_cause = 'flap' WHERE snapshot_id = 5": "a label that is none",
    "UPDATE change SET cause = 'odd', own_cause = 'odd' WHERE snapshot_id = 5": "causes that no comparison gives",
    "UPDATE series SET snapshot_id = 5": "expected one series at Serial",
    "UPDATE revision SET value = 1 WHERE name = 'catalogue'": "expected workers to be told",
}


@pytest.fixture(scope="module")
def lists() -> ChangingLists:
    return ChangingLists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, lists: ChangingLists) -> Path:
    """The folder of a store that a dozen lists came to."""
    folder = tmp_path_factory.mktemp("sound")
    with UpstreamSimulator(lists.next) as upstream:
        pipeline = Pipeline(f"sqlite:///{folder / 'llmanac.db'}", upstream)
        for _ in range(SYNCS):
            assert pipeline.sync(after=HOUR).attempt.outcome == "changed"
        pipeline.close()
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    shutil.copyfile(sound / "llmanac.db", tmp_path / "llmanac.db")
    return tmp_path


def found(folder: Path, lists: ChangingLists) -> list[str]:
    return audit(SqliteDatabase(folder), lists, shown=SYNCS, served=(SYNCS, SYNCS))


def test_a_sound_store_has_no_fault(folder: Path, lists: ChangingLists) -> None:
    assert last_serial(SqliteDatabase(folder)) == SYNCS
    assert found(folder, lists) == []


@pytest.mark.parametrize(("statement", "expected"), FAULTS.items(), ids=FAULTS)
def test_each_fault_is_named(statement: str, expected: str, folder: Path, lists: ChangingLists) -> None:
    with sqlite3.connect(folder / "llmanac.db") as connection:
        assert connection.execute(statement).rowcount
    connection.close()
    assert [fault for fault in found(folder, lists) if expected in fault]


def test_a_list_that_was_shown_and_is_not_there_is_named(folder: Path, lists: ChangingLists) -> None:
    faults = audit(SqliteDatabase(folder), lists, shown=SYNCS + 1, served=(SYNCS, SYNCS - 1))
    assert [fault.split(":")[1].split()[0] for fault in faults] == ["Serial", "answered"]
