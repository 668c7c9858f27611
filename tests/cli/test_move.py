"""`llmanac move`: the table, the words, the exit codes, and where the address may stand."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from llmanac.store.database import Database
from llmanac.store.digests import digests
from llmanac.store.migrate import migrate
from llmanac.store.schema import lease
from tests.cli.command import PROGRAM, llmanac
from tests.serving import DEADLINE_SECONDS
from tests.store.contents import fill

NOUNS = [
    "series",
    "attempt",
    "fetch",
    "snapshot",
    "model_version",
    "change",
    "reject",
    "raw_page",
    "quarantine",
    "token",
    "blob",
]


@pytest.fixture
def source() -> Iterator[Database]:
    """The local store of this test's commands, with some of everything."""
    directory = Path(os.environ["LLMANAC_DATA_DIR"])
    directory.mkdir()
    made = Database(f"sqlite:///{directory / 'llmanac.db'}")
    migrate(made)
    with made.write() as connection:
        fill(connection)
    yield made
    made.close()


def is_like(url: str, source: Database) -> bool:
    made = Database(url)
    with made.read() as there, source.read() as here:
        same = digests(here) == digests(there)
    made.close()
    return same


def test_the_whole_store_is_moved_and_compared(database_url: str, source: Database) -> None:
    moved = llmanac("move", "--to", database_url, "--format", "csv")
    assert moved.code == 0, moved.err
    lines = [line.split(",") for line in moved.out.splitlines()]
    assert lines[0] == ["noun", "here", "there", "digest", "same"]
    assert [line[0] for line in lines[1:]] == NOUNS
    assert all(line[1] == line[2] and line[4] == "yes" for line in lines[1:])
    assert moved.err.startswith("copied ")
    assert "\ncomparing …\nEverything of sqlite:///" in moved.err
    assert "set LLMANAC_DATABASE_URL" in moved.err
    assert is_like(database_url, source)


def test_what_was_moved_is_served_from_the_new_address(tmp_path: Path, source: Database) -> None:
    url = f"sqlite:///{tmp_path / 'moved.db'}"
    assert llmanac("move", "--to", url).code == 0
    listed = llmanac("token", "list", "--format", "json", LLMANAC_DATABASE_URL=url)
    assert [token["id"] for token in json.loads(listed.out)["tokens"]] == ["tok_a", "tok_b"]
    assert is_like(url, source)


@pytest.mark.usefixtures("source")
def test_the_address_may_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    first, second = (f"sqlite:///{tmp_path / name}.db" for name in ("first", "second"))
    (tmp_path / "address").write_text(f"{second}\n", encoding="utf-8")
    assert llmanac("move", LLMANAC_MOVE_TO=first).code == 0
    assert llmanac("move", LLMANAC_MOVE_TO_FILE=str(tmp_path / "address")).code == 0
    assert (tmp_path / "first.db").exists()
    assert (tmp_path / "second.db").exists()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "got none"),
        (
            {"LLMANAC_MOVE_TO": "sqlite:///a.db", "LLMANAC_MOVE_TO_FILE": "b"},
            "got LLMANAC_MOVE_TO and LLMANAC_MOVE_TO_FILE",
        ),
        ({"LLMANAC_MOVE_TO": "mysql://user:secret-word@host/db"}, "LLMANAC_MOVE_TO: Expected an address that begins"),
        ({"LLMANAC_MOVE_TO": "sqlite:///:memory:"}, "LLMANAC_MOVE_TO: Expected an address that begins"),
        ({"LLMANAC_MOVE_TO_FILE": "not-there"}, "LLMANAC_MOVE_TO_FILE: Expected a readable text file"),
    ],
)
def test_an_address_that_is_none_is_refused(environment: dict[str, str], said: str) -> None:
    refused = llmanac("move", **environment)
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.err
    assert "secret-word" not in refused.err


@pytest.mark.usefixtures("source")
def test_a_password_is_never_said_and_one_on_the_command_line_is_warned_of(postgres_url: str, tmp_path: Path) -> None:
    """The server of the tests asks for none, so any will do."""
    url = postgres_url.replace("postgres@", "postgres:secret-word@", 1)
    (tmp_path / "address").write_text(url, encoding="utf-8")
    moved = llmanac("move", "--to", url)
    refused = llmanac("move", LLMANAC_MOVE_TO_FILE=str(tmp_path / "address"))
    assert (moved.code, refused.code) == (0, 3)
    assert moved.err.startswith("warning: ")
    assert "warning" not in refused.err
    assert "secret-word" not in moved.out + moved.err + refused.out + refused.err
    assert "postgres:***@" in moved.err


@pytest.mark.usefixtures("source")
def test_a_target_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'moved.db'}"
    assert llmanac("move", "--to", url).code == 0
    refused = llmanac("move", "--to", url)
    assert (refused.code, refused.out) == (3, "")
    assert "Expected an empty database" in refused.err
    assert "token (2)" in refused.err
    assert "hint: " in refused.err


def test_a_store_with_nothing_in_it_is_not_moved(tmp_path: Path) -> None:
    refused = llmanac("move", "--to", f"sqlite:///{tmp_path / 'moved.db'}")
    assert (refused.code, refused.out) == (3, "")
    assert "got an empty one" in refused.err


def test_while_a_sync_runs_nothing_is_moved(tmp_path: Path, source: Database) -> None:
    with source.write() as connection:
        connection.execute(update(lease).values(expires_at=datetime.now(UTC) + timedelta(hours=1)))
    refused = llmanac("move", "--to", f"sqlite:///{tmp_path / 'moved.db'}")
    assert (refused.code, refused.out) == (1, "")
    assert "Another sync is running" in refused.err
    assert not (tmp_path / "moved.db").exists()


def test_the_right_to_sync_is_given_back(tmp_path: Path, source: Database) -> None:
    assert llmanac("move", "--to", f"sqlite:///{tmp_path / 'moved.db'}").code == 0
    with source.read() as connection:
        assert connection.execute(select(lease)).all() == []


def test_a_difference_is_shown_and_ends_with_one(postgres_url: str, source: Database) -> None:
    """SQLite keeps half a number where PostgreSQL rounds it."""
    with source.write() as connection:
        connection.execute(text("UPDATE change SET percent = 0.5 WHERE percent IS NOT NULL"))
    moved = llmanac("move", "--to", postgres_url, "--format", "json")
    assert moved.code == 1
    assert [row["noun"] for row in json.loads(moved.out) if not row["same"]] == ["change"]
    assert "error: What came over differs: change." in moved.err
    assert "was left as it was" in moved.err


@pytest.mark.usefixtures("source")
def test_a_terminal_is_shown_a_bar(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "move", "--to", f"sqlite:///{tmp_path / 'moved.db'}"],
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    # Linux ends it with an error when the other side is closed.
    with os.fdopen(ours, "rb", buffering=0) as screen, suppress(OSError):
        while part := screen.read(4096):
            seen += part
    assert process.wait(DEADLINE_SECONDS) == 0
    assert "comparing … ━" in plain(seen)
    assert "100%" in plain(seen)


def plain(shown: bytes) -> str:
    """Without the terminal's commands."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
