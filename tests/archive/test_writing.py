"""An archive is there whole or not at all, and nothing is replaced unasked."""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from llmanac.archive.fetch import ArchivedFetch
from llmanac.archive.writing import ArchiveKind, export_history, kind_of, write_history
from llmanac.errors import Conflict, InvalidParameter, LlmanacError
from tests.archive.files import (
    a_list,
    bodies_of,
    fetch,
    read_all,
    read_bytes,
    written,
)


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "history.tar"
    target.write_bytes(b"precious")
    asked: list[str] = []

    def history() -> Iterator[ArchivedFetch]:
        asked.append("a fetch")
        yield fetch(a_list())

    with pytest.raises(Conflict) as problem:
        export_history(history(), target, force=False)
    assert "--force" in problem.value.hint
    assert (target.read_bytes(), asked) == (b"precious", [])
    export_history(history(), target, force=True)
    assert bodies_of(read_all(target)[0]) == [a_list()]
    assert list(tmp_path.iterdir()) == [target]


def test_an_export_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "history.tar.zst"
    target.write_bytes(b"precious")

    def history() -> Iterator[ArchivedFetch]:
        yield fetch(a_list())
        raise LookupError("the store went away")

    with pytest.raises(LookupError):
        export_history(history(), target, force=True)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"precious"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "history.tar"

    def history() -> Iterator[ArchivedFetch]:
        target.write_bytes(b"precious")
        yield fetch(a_list())

    with pytest.raises(Conflict):
        export_history(history(), target, force=False)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"precious"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "history.tar"
    folder.mkdir()
    with pytest.raises(Conflict):
        export_history([], folder, force=True)
    with pytest.raises(LlmanacError, match="No such file"):
        export_history([], tmp_path / "absent" / "history.tar", force=False)


def test_the_name_says_how_it_is_packed() -> None:
    assert kind_of(Path("a/History.TAR")) is ArchiveKind.PLAIN
    assert kind_of(Path("history.tar.zst")) is ArchiveKind.ZSTD
    for name in ("history.tar.gz", "history", "history.zst", "tar"):
        with pytest.raises(InvalidParameter, match=r"\.tar\.zst or \.tar"):
            kind_of(Path(name))


@pytest.mark.parametrize("kind", list(ArchiveKind))
def test_an_archive_can_be_written_to_a_pipe(tmp_path: Path, kind: ArchiveKind) -> None:
    source, sink = os.pipe()
    with open(source, "rb") as reader, open(sink, "wb") as writer:  # noqa: PTH123  no path
        write_history([fetch(a_list())], writer, kind=kind)
        assert not writer.closed
        writer.close()
        lists, bad = read_bytes(reader.read(), tmp_path)
    assert bad == []
    assert bodies_of(lists) == [a_list()]


def test_other_programs_read_an_export() -> None:
    archive = written([fetch(a_list())], ArchiveKind.ZSTD)
    plain = zstandard.ZstdDecompressor(max_window_size=1 << 25).stream_reader(archive).read()
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as members:
        assert all(info.isreg() for info in members)
