"""Lists are read from whatever holds them, in an order that is cheap to weave in."""

import os
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmanac.archive.fetch import ArchivedFetch, BadFile, ListFile
from llmanac.archive.reading import read_files
from llmanac.catalogue.snapshot import Part, RawPage
from tests.archive.files import NOW, a_list, bodies_of, packed, read_all, tar_of

LIST_ENDINGS = (".json", ".json.gz", ".json.zst")
TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.zst")
AT = datetime(2026, 6, 8, 15, 41, 25, tzinfo=UTC)


def pack_tar(body: bytes, ending: str) -> bytes:
    return packed(body, ".gz" if ending in (".tar.gz", ".tgz") else ending)


def taken(lists: list[ListFile]) -> list[str]:
    return [f"{item.fetch.taken_at:%d %H}" for item in lists]


@pytest.mark.parametrize("ending", LIST_ENDINGS)
def test_a_loose_list_is_a_fetch_of_its_very_bytes_that_says_only_when(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"2026-06-08T154125Z{ending}"
    path.write_bytes(packed(a_list(), ending))
    expected = ArchivedFetch(
        series=None,
        scope=None,
        origin="import",
        taken_at=AT,
        pages=(RawPage(Part.MODELS, path.name, a_list()),),
        raw=True,
        warning=None,
    )
    assert list(read_files([path], now=NOW)) == [ListFile(str(path), expected, path.stat().st_size)]


@pytest.mark.parametrize("ending", TAR_ENDINGS)
def test_the_lists_of_a_tar_come_in_its_order(tmp_path: Path, ending: str) -> None:
    names = [f"./lists/2026-06-{day:02}{kind}" for day, kind in zip((9, 7, 8), LIST_ENDINGS, strict=True)]
    path = tmp_path / f"kept{ending}"
    members = [(name, packed(a_list(f"acme/{place}"), name)) for place, name in enumerate(names)]
    path.write_bytes(pack_tar(tar_of([*members, ("readme.txt", b"hello")]), ending))
    lists, bad = read_all(path)
    assert bad == []
    assert [item.name for item in lists] == [f"{path}:{name}" for name in names]
    assert bodies_of(lists) == [a_list("acme/0"), a_list("acme/1"), a_list("acme/2")]
    assert taken(lists) == ["09 00", "07 00", "08 00"]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_kind_of_tar_is_read_with_long_names_too(tmp_path: Path, form: int) -> None:
    name = "/".join(["a folder of a long name"] * 5) + "/2026-06-08.json"
    path = tmp_path / "kept.tar"
    path.write_bytes(tar_of([(name, a_list()), ("2026-06-09.json", a_list())], form=form))
    lists, bad = read_all(path)
    assert bad == []
    assert [item.name for item in lists] == [f"{path}:{name}", f"{path}:2026-06-09.json"]


@pytest.mark.parametrize("ending", [*LIST_ENDINGS, *TAR_ENDINGS])
def test_a_file_is_what_its_bytes_are_whatever_it_is_called(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "2026-06-08.backup"
    body = tar_of([("2026-06-08.json", a_list())]) if ending in TAR_ENDINGS else a_list()
    path.write_bytes(pack_tar(body, ending))
    lists, bad = read_all(path)
    assert bad == []
    assert bodies_of(lists) == [a_list()]


def test_files_of_several_zstd_and_gzip_frames_are_read_whole(tmp_path: Path) -> None:
    body = a_list()
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"
    for ending, lead in ((".json.gz", b""), (".json.zst", skippable)):
        path = tmp_path / f"2026-06-08{ending}"
        path.write_bytes(lead + packed(body[:100], ending) + packed(body[100:], ending))
        lists, bad = read_all(path)
        assert bad == []
        assert bodies_of(lists) == [body]


def test_an_old_tar_without_magic_is_read(tmp_path: Path) -> None:
    archive = bytearray(tar_of([("2026-06-08.json", a_list())], form=tarfile.USTAR_FORMAT))
    archive[257:265] = bytes(8)
    archive[148:156] = b" " * 8
    archive[148:156] = b"%06o\0 " % sum(archive[:512])
    path = tmp_path / "kept.tar"
    path.write_bytes(archive)
    lists, bad = read_all(path)
    assert bad == []
    assert bodies_of(lists) == [a_list()]


def test_a_folder_gives_all_lists_below_it_and_nothing_else(tmp_path: Path) -> None:
    below = tmp_path / "lists" / "deep"
    below.mkdir(parents=True)
    (below / "2026-06-09.JSON").write_bytes(a_list("acme/two"))
    (below / "2026-06-08.json.gz").write_bytes(packed(a_list("acme/one"), ".gz"))
    (below.parent / "kept.tar").write_bytes(tar_of([("2026-06-01.json", a_list("acme/zero"))]))
    for name in (".2026-06-07.json", "._2026-06-09.json", "readme.md", "2026-06-07.csv"):
        (below / name).write_bytes(b"no list")
    (below / "2026-06-06.json").mkdir()
    (below / "back").symlink_to(tmp_path, target_is_directory=True)
    lists, bad = read_all(tmp_path)
    assert bad == []
    assert bodies_of(lists) == [a_list("acme/zero"), a_list("acme/one"), a_list("acme/two")]


def test_plain_files_come_forwards_however_they_are_called_and_given(tmp_path: Path) -> None:
    contents = {
        "z.json": b'{"taken_at": "2026-06-08T03:00:00Z", "data": []}',
        "1780894800.json": a_list(),
        "a 2026-06-08T06:00:00+01:00.json": a_list(),
        "20260608T020000Z.json.zst": packed(a_list(), ".zst"),
        "2026-06-08.json": a_list(),
        "nothing.json": a_list(),
    }
    paths = [tmp_path / name for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    archive = tmp_path / "later.backup"
    archive.write_bytes(tar_of([("2026-06-20.json", a_list())]))
    for given in ([*paths, archive], [archive, *reversed(paths)]):
        lists, bad = read_all(*given)
        assert taken(lists) == ["20 00", "08 00", "08 02", "08 03", "08 05", "08 05"]
        assert [item.name for item in bad] == [str(tmp_path / "nothing.json")]


def test_a_file_that_is_given_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "2026-06-08.json"
    path.write_bytes(a_list())
    lists, bad = read_all(path, tmp_path, path)
    assert (len(lists), bad) == (1, [])


def test_what_a_person_says_goes_before_the_name(tmp_path: Path) -> None:
    path = tmp_path / "2026-06-08_2026-06-09.json"
    path.write_bytes(a_list())
    said = AT - timedelta(days=9)
    found = list(read_files([path], now=NOW, said=said))
    assert [item.fetch.taken_at for item in found if isinstance(item, ListFile)] == [said]


def test_one_instant_is_not_said_of_many_lists(tmp_path: Path) -> None:
    for name in ("2026-06-08.json", "2026-06-09.json"):
        (tmp_path / name).write_bytes(a_list())
    archive = tmp_path / "kept.tar"
    archive.write_bytes(tar_of([("2026-06-01.json", a_list())]))
    for paths in ([archive], [tmp_path], sorted(tmp_path.iterdir())):
        found = list(read_files(paths, now=NOW, said=AT))
        assert found
        assert all(isinstance(item, BadFile) and "--taken-at" in item.words for item in found)


def test_modification_times_count_only_when_they_are_asked_for(tmp_path: Path) -> None:
    for day, name in ((9, "2020-01-01.json"), (8, "models.json")):
        path = tmp_path / name
        path.write_bytes(a_list())
        seconds = int(AT.replace(day=day).timestamp())
        os.utime(path, (seconds, seconds))
    modified = int(AT.replace(day=7).timestamp())
    (tmp_path / "kept.tar").write_bytes(tar_of([("kept.json", a_list())], modified=modified))
    found = list(read_files([tmp_path], now=NOW, said="mtime"))
    assert taken([item for item in found if isinstance(item, ListFile)]) == ["07 15", "08 15", "09 15"]
    lists, bad = read_all(tmp_path)
    assert [item.name for item in lists] == [str(tmp_path / "2020-01-01.json")]
    assert [item.name for item in bad] == [f"{tmp_path}/kept.tar:kept.json", str(tmp_path / "models.json")]


def test_progress_grows_to_the_size_of_all_files(tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / f"2026-06-{day:02}.json.gz").write_bytes(packed(a_list(f"acme/{day}"), ".gz"))
    (tmp_path / "kept.tar").write_bytes(tar_of([(f"2026-05-{day:02}.json", a_list()) for day in range(1, 20)]))
    (tmp_path / "bad.json").write_bytes(b"no list")
    seen = [item.read_bytes for item in read_files([tmp_path], now=NOW)]
    assert len(seen) == 25
    assert seen == sorted(seen)
    assert len(set(seen)) == 25
    assert seen[-1] == sum(path.stat().st_size for path in tmp_path.iterdir())
