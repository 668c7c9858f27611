"""A bad file is named with a reason, costs little, touches nothing, and harms no other."""

import gzip
import os
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.archive.fetch import BadFile, ListFile, ReadLimits
from llmanac.archive.reading import read_files
from tests.archive.files import NOW, a_list, fetch, flipped, packed, read_all, tar_of, written, zst
from tests.strategies import quick

SMALL = ReadLimits(max_list_bytes=100_000, max_members=50, max_archive_bytes=1_000_000)
GOOD = ("2026-06-08.json", a_list())


BAD = {
    "empty": (b"", "an empty file"),
    "blank": (b" \n\n", "an empty file"),
    "a page": (b"<!DOCTYPE html><title>503</title>", "something that begins b'<!DOCTYPE html>"),
    "another compression": (b"BZh91AY&SY", "something that begins b'BZh91AY&SY'"),
    "gzip cut short": (gzip.compress(a_list())[:-20], "ended before"),
    "gzip without its end": (gzip.compress(a_list())[:-8], "ended before"),
    "gzip damaged": (flipped(gzip.compress(a_list(), mtime=0), -5), "CRC check failed"),
    "gzip and more": (gzip.compress(a_list()) + b"more", "Not a gzipped file"),
    "zstd cut short": (zst(a_list())[:-20], "ends in the middle"),
    "zstd without its end": (zst(a_list())[:-1], "ends in the middle"),
    "zstd damaged": (flipped(zst(a_list()), -1), "checksum"),
    "zstd and more": (zst(a_list()) + b"more", "Unknown frame descriptor"),
    "zstd of a huge window": (zst(a_list(), window_log=28), "too much memory"),
    "compressed twice": (gzip.compress(gzip.compress(a_list())), "compressed twice"),
    "compressed twice, mixed": (zst(gzip.compress(a_list())), "compressed twice"),
    "nothing in gzip": (gzip.compress(b""), "an empty file"),
    "too large": (b"[" + b" " * SMALL.max_list_bytes, "at most 100000 bytes"),
    "gzip bomb": (gzip.compress(b"[" + bytes(50_000_000)), "at most 100000 bytes"),
    "zstd bomb": (zst(b"[" + bytes(200_000_000)), "at most 100000 bytes"),
    "a tar without lists": (tar_of([("readme.md", b"hello")]), "named like lists"),
    "an empty tar": (tar_of([]), "named like lists"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_named_with_a_reason_and_the_others_are_read(tmp_path: Path, kind: str) -> None:
    body, words = BAD[kind]
    for name in ("2026-06-07.json", "2026-06-09.json"):
        (tmp_path / name).write_bytes(a_list())
    bad = tmp_path / "2026-06-08.json"
    bad.write_bytes(body)
    first, second, third = read_files([tmp_path], now=NOW, limits=SMALL)
    assert isinstance(first, ListFile)
    assert isinstance(second, BadFile)
    assert isinstance(third, ListFile)
    assert second.name == str(bad)
    assert words in second.words
    assert second.words.startswith("Expected ")


@pytest.mark.parametrize("kind", [kind for kind in BAD if "tar" not in kind])
def test_a_bad_member_is_named_and_the_others_are_read(tmp_path: Path, kind: str) -> None:
    body, words = BAD[kind]
    path = tmp_path / "kept.tar"
    path.write_bytes(tar_of([GOOD, ("2026-06-09.json", body), ("2026-06-10.json", a_list())]))
    first, second, third = read_files([path], now=NOW, limits=SMALL)
    assert isinstance(first, ListFile)
    assert isinstance(second, BadFile)
    assert isinstance(third, ListFile)
    assert second.name == f"{path}:2026-06-09.json"
    assert words in second.words


def test_a_bomb_is_never_held_in_memory(tmp_path: Path) -> None:
    bombs = {"2026-06-08.json.zst": zst(b"[" + bytes(300_000_000)), "2026-06-09.json.gz": BAD["gzip bomb"][0]}
    for name, body in bombs.items():
        (tmp_path / name).write_bytes(body)
    tracemalloc.start()
    try:
        found = list(read_files([tmp_path], now=NOW, limits=SMALL))
        assert tracemalloc.get_traced_memory()[1] < 120_000_000
    finally:
        tracemalloc.stop()
    assert all(isinstance(item, BadFile) for item in found)


def test_limits_of_an_archive_end_it_with_words(tmp_path: Path) -> None:
    path = tmp_path / "kept.tar"
    path.write_bytes(tar_of([("2026-06-08.json", b"[]")] * 51))
    found = list(read_files([path], now=NOW, limits=SMALL))
    assert [type(item) for item in found] == [ListFile] * 50 + [BadFile]
    assert isinstance(found[-1], BadFile)
    assert "at most 50 members" in found[-1].words
    path.write_bytes(packed(tar_of([("2026-06-08.json", b"[]"), ("zeros", bytes(2_000_000)), GOOD]), ".gz"))
    found = list(read_files([path], now=NOW, limits=SMALL))
    assert [type(item) for item in found] == [ListFile, BadFile]
    assert isinstance(found[-1], BadFile)
    assert "at most 1000000 bytes" in found[-1].words


def test_what_is_no_file_is_named_first(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "2026-06-08.json").write_bytes(a_list())
    names = ["2026-06-08.json", "absent.json", "empty", "pipe", "nul\0.json"]
    lists, bad = read_all(*[tmp_path / name for name in names])
    assert len(lists) == 1
    assert {Path(item.name).name: item.words for item in bad} == {
        "absent.json": "Expected a file that can be read, got 'No such file or directory'",
        "empty": "Expected lists or tars in this folder, got none",
        "pipe": "Expected a file or a folder, got neither",
        "nul\ufffd.json": "Expected a whole and undamaged file, got: embedded null byte",
    }


def test_links_to_nowhere_are_named_and_pipes_in_a_folder_are_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "2026-06-08.json").symlink_to(tmp_path / "absent.json")
    (tmp_path / "2026-06-09.json").write_bytes(a_list())
    (tmp_path / "2026-06-10.json").symlink_to(tmp_path / "2026-06-09.json")
    os.mkfifo(tmp_path / "2026-06-11.json")
    lists, bad = read_all(tmp_path)
    assert len(lists) == 2
    assert [item.name for item in bad] == [str(tmp_path / "2026-06-08.json")]


def test_a_file_that_vanishes_meanwhile_is_named(tmp_path: Path) -> None:
    for day in (8, 9, 10):
        (tmp_path / f"2026-06-{day:02}.json").write_bytes(a_list())
    found = read_files([tmp_path], now=NOW)
    assert isinstance(next(found), ListFile)
    (tmp_path / "2026-06-09.json").unlink()
    assert [type(item) for item in found] == [BadFile, ListFile]


TAR = tar_of([GOOD, ("2026-06-09.json.gz", gzip.compress(a_list(), mtime=0))], form=tarfile.PAX_FORMAT)
EXPORT = written([fetch(a_list()), fetch(a_list())])
SEEDS = (a_list(), TAR, EXPORT, gzip.compress(TAR, mtime=0), zst(TAR))


@quick
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=12)), max_size=6),
    st.integers(0, 1 << 20),
)
@example(TAR, [(156, b"x"), (124, b"77777777777")], 1 << 20)
@example(TAR, [(156, b"S")], 1 << 20)
@example(EXPORT, [(EXPORT.index(b"fetched"), b"\xff")], 1 << 20)
@example(b'{"taken_at":"x"}', [(13, b"\xff")], 1 << 20)
def test_no_bytes_whatever_raise_anything(
    tmp_path_factory: pytest.TempPathFactory, seed: bytes, edits: list[tuple[int, bytes]], end: int
) -> None:
    body = bytearray(seed)
    for place, patch in edits:
        at = place % len(body)
        body[at : at + len(patch)] = patch
    path = tmp_path_factory.getbasetemp() / "list.json"
    path.write_bytes(body[:end])
    assert list(read_files([path], now=NOW, limits=SMALL))
