"""`llmanac import`: what is counted, what is refused at once, and what is named and skipped."""

import csv
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.build import answer, record, records
from tests.cli.command import Ended, llmanac

OWLS = records(3)
FIRST, SECOND = "2026-10-26T12:00:00Z", "2026-10-26T13:00:00Z"


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """A folder of two lists whose names tell no instant."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "one.json").write_bytes(answer(OWLS))
    (folder / "two.json").write_bytes(answer([*OWLS, record(id="zoo/lynx")]))
    return folder


def counts(ended: Ended) -> dict[str, str]:
    (row,) = csv.DictReader(io.StringIO(ended.out))
    return row


def test_each_list_is_counted_by_what_became_of_it(lists: Path) -> None:
    one, two = str(lists / "one.json"), str(lists / "two.json")
    none = {"lists": "1", "new": "0", "agreeing": "0", "known": "0", "skipped": "0"}
    for path, instant, column in (
        (one, FIRST, "new"),
        (one, FIRST, "known"),
        (two, SECOND, "new"),
        (two, "2026-10-26T14:00:00Z", "agreeing"),
    ):
        ended = llmanac("import", path, "--taken-at", instant, "--format", "csv")
        assert (ended.code, ended.err) == (0, ""), ended.err
        assert counts(ended) == none | {column: "1"}
    page = json.loads(llmanac("changes", "--format", "json").out)
    assert [(row["model"], row["kind"], row["seen_at"]) for row in page["changes"]] == [("zoo/lynx", "added", SECOND)]


def test_one_instant_for_several_files_is_refused_in_one_line_and_nothing_is_imported(lists: Path) -> None:
    for paths in ((str(lists),), (str(lists / "one.json"), str(lists / "two.json"))):
        ended = llmanac("import", *paths, "--taken-at", FIRST)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(
            "error: Invalid value for --taken-at: Expected one list for one instant, got 2 files"
        )
        assert "one.json" not in ended.err
    assert llmanac("changes", "--cause", "all", "--format", "csv").out.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--taken-at", "tomorrow"), "--taken-at: Expected an instant as of RFC 3339, got 'tomorrow'"),
        (("--taken-at", "2026-10-26T12:00:00"), "--taken-at: Expected an instant with its offset from UTC"),
        (("--scope", "both"), "Invalid value for --scope: Expected all or text, got 'both'"),
    ],
)
def test_an_impossible_option_is_told_with_what_is_allowed(arguments: tuple[str, ...], words: str, lists: Path) -> None:
    ended = llmanac("import", str(lists / "one.json"), *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def test_what_cannot_be_used_is_named_in_one_line_and_skipped(lists: Path, tmp_path: Path) -> None:
    bad = tmp_path / "2026-10-26T120000Z.json"
    bad.write_bytes(b'{"data": 3}')
    good = tmp_path / "2026-10-26T130000Z.json"
    good.write_bytes(answer(OWLS))
    packed = tmp_path / "odd.tar"
    with tarfile.open(packed, "w") as tar:
        member = tarfile.TarInfo("\x1b]0;owned\x07\nlist.json")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"3"))
    nowhere = os.fsdecode(b"no\xff\x9bwhere.json")
    ended = llmanac("import", *map(str, (bad, good, packed, lists / "one.json", nowhere)), "--format", "csv")
    assert ended.code == 1
    assert counts(ended) == {"lists": "1", "new": "1", "agreeing": "0", "known": "0", "skipped": "4"}
    lines = ended.err.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("skipped ") for line in lines)
    assert not {"\x1b", "\x07", "\x9b"} & {*ended.err}
    assert any(line.endswith("Expected an instant in the name or in the list, got none: --taken-at can say it")
               for line in lines)  # fmt: skip
