"""A damaged or hostile tar gives what is good in it, and words for the rest."""

import gzip
import tarfile
from pathlib import Path

import pytest

from tests.archive.files import a_list, bodies_of, flipped, packed, read_all, special, tar_of

GOOD = ("2026-06-08.json", a_list())


def contents_end(archive: bytes) -> int:
    """Where the empty blocks at the end of a tar begin."""
    return len(archive.rstrip(b"\0")) // 512 * 512 + 512


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (special("2026-06-09.json", tarfile.SYMTYPE, "/etc/passwd"), "a link"),
        (special("2026-06-09.json", tarfile.LNKTYPE, "2026-06-08.json"), "a link"),
        (special("2026-06-09.json", tarfile.CHRTYPE), "a device"),
        (special("2026-06-09.json", tarfile.BLKTYPE), "a device"),
        (special("2026-06-09.json", tarfile.FIFOTYPE), "a device"),
        (("more.tar.gz", gzip.compress(tar_of([GOOD]))), "within an archive"),
        (("2026-06-09.json", tar_of([GOOD])), "within an archive"),
        (("2026-06-09.json.gz", gzip.compress(tar_of([GOOD]))), "within an archive"),
        (("models.json", a_list()), "--taken-at can say it"),
        (("2026-06-09_2026-06-10.json", a_list()), "only one way"),
        (("2026-06-09 to 2026-06-10.json", a_list()), "one instant"),
        (("2026-13-09.json", a_list()), "month must be in 1..12"),
        (("2026-10-27.json", a_list()), "in the future"),
        (("1999-10-27.json", a_list()), "since 2015"),
        (("models.json", b'{"taken_at": "2026-06-08T15:41:25"}'), "`taken_at`: Expected an instant with its offset"),
    ],
)
def test_a_member_that_cannot_be_a_list_is_named(
    tmp_path: Path, member: tuple[str, bytes] | tarfile.TarInfo, words: str
) -> None:
    path = tmp_path / "kept.tar"
    path.write_bytes(tar_of([GOOD, member, GOOD]))
    lists, bad = read_all(path)
    assert len(lists) == 2
    assert [item.name for item in bad] == [
        f"{path}:{member.name if isinstance(member, tarfile.TarInfo) else member[0]}"
    ]
    assert words in bad[0].words


def test_folders_and_other_files_in_a_tar_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "kept.tar"
    path.write_bytes(
        tar_of([special("2026.json", tarfile.DIRTYPE), special("x", tarfile.SYMTYPE, "y"), ("a", b"b"), GOOD])
    )
    lists, bad = read_all(path)
    assert (len(lists), bad) == (1, [])


def test_names_that_lead_out_of_the_archive_lead_nowhere(tmp_path: Path) -> None:
    names = ["../../2026-06-07.json", f"{tmp_path}/2026-06-08.json", "//x/2026-06-09.json", "a\x1b[31m/2026-06-10.json"]
    path = tmp_path / "in" / "kept.tar"
    path.parent.mkdir()
    path.write_bytes(tar_of([(name, a_list()) for name in names]))
    lists, bad = read_all(path)
    assert bad == []
    assert [item.name for item in lists] == [f"{path}:{name}".replace("\x1b", "\ufffd") for name in names]
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


@pytest.mark.parametrize("cut", [1, 400, 512, 513, 1024, 1500])
def test_a_tar_that_is_cut_short_gives_what_it_has_and_is_named(tmp_path: Path, cut: int) -> None:
    whole = tar_of([GOOD, ("2026-06-09.json", a_list())])
    path = tmp_path / "kept.tar"
    path.write_bytes(whole[: contents_end(whole) - cut])
    lists, bad = read_all(path)
    assert bodies_of(lists)[0] == a_list()
    assert len(bad) == 1
    assert bad[0].name in (str(path), f"{path}:2026-06-09.json")


def test_a_tar_without_its_end_gives_all_it_has_and_is_named(tmp_path: Path) -> None:
    whole = tar_of([GOOD, ("2026-06-09.json", a_list())])
    path = tmp_path / "kept.tar"
    path.write_bytes(whole[: contents_end(whole)])
    lists, bad = read_all(path)
    assert len(lists) == 2
    assert [(item.name, "cut short" in item.words) for item in bad] == [(str(path), True)]


def test_a_damaged_header_ends_the_archive_with_words(tmp_path: Path) -> None:
    whole = tar_of([GOOD, ("2026-06-09.json", a_list()), ("2026-06-10.json", a_list())])
    path = tmp_path / "kept.tar"
    path.write_bytes(flipped(whole, whole.index(b"2026-06-09")))
    lists, bad = read_all(path)
    assert len(lists) == 1
    assert [(item.name, "a damaged one" in item.words) for item in bad] == [(str(path), True)]


def test_damage_after_the_last_member_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "kept.tar.gz"
    path.write_bytes(flipped(gzip.compress(tar_of([GOOD]), mtime=0), -5))
    lists, bad = read_all(path)
    assert len(lists) == 1
    assert [item.name for item in bad] == [str(path)]


def test_a_header_that_points_backwards_is_no_endless_loop(tmp_path: Path) -> None:
    archive = bytearray(tar_of([GOOD], form=tarfile.USTAR_FORMAT))
    archive[124:136] = b"\xff" * 10 + b"\xf8\x00"
    archive[148:156] = b" " * 8
    archive[148:156] = b"%06o\0 " % sum(archive[:512])
    path = tmp_path / "kept.tar"
    path.write_bytes(archive)
    lists, bad = read_all(path)
    assert lists == []
    assert [item.name for item in bad] == [str(path)]


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_huge_header_is_refused_before_it_is_in_memory(tmp_path: Path, kind: bytes) -> None:
    info = special("x", kind)
    info.size = 7 << 30
    path = tmp_path / "kept.tar.zst"
    good = tar_of([GOOD])
    path.write_bytes(packed(good[: contents_end(good)] + info.tobuf() + bytes(1 << 25), ".zst"))
    lists, bad = read_all(path)
    assert len(lists) == 1
    assert [(item.name, f"a header of {7 << 30} bytes" in item.words) for item in bad] == [(str(path), True)]


def test_headers_without_end_are_refused(tmp_path: Path) -> None:
    longname = special("x", tarfile.GNUTYPE_LONGNAME).tobuf()
    path = tmp_path / "kept.tar"
    path.write_bytes(longname * 5000)
    assert [item.name for item in read_all(path)[1]] == [str(path)]
