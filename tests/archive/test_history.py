"""What was exported comes back as it was: the same fetches, in their order, byte for byte."""

import io
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.archive.bodies import KEPT_BYTES
from llmanac.archive.fetch import ArchivedFetch, ArchivedSeries, BadFile, ListFile, ReadLimits
from llmanac.archive.reading import read_files
from llmanac.archive.writing import ArchiveKind, Written, export_history, write_history
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from tests.archive.files import (
    NOW,
    SERIES,
    a_list,
    fetch,
    fetches,
    fetches_of,
    read_all,
    read_bytes,
    tar_of,
    untar,
    written,
)
from tests.shared_data import real_lists
from tests.strategies import quick

KINDS = list(ArchiveKind)
HOUR = timedelta(hours=1)


def without_validators(history: list[ArchivedFetch]) -> list[ArchivedFetch]:
    return [
        msgspec.structs.replace(one, pages=tuple(msgspec.structs.replace(page, etag=None) for page in one.pages))
        for one in history
    ]


@quick
@given(fetches(), st.sampled_from(KINDS))
def test_every_history_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, history: list[ArchivedFetch], kind: ArchiveKind
) -> None:
    lists, bad = read_bytes(written(history, kind), tmp_path_factory.getbasetemp())
    assert bad == []
    assert fetches_of(lists) == history


@quick
@given(fetches(), st.sampled_from(KINDS))
def test_equal_histories_give_equal_archives_and_so_does_what_was_read_back(
    tmp_path_factory: pytest.TempPathFactory, history: list[ArchivedFetch], kind: ArchiveKind
) -> None:
    archive = written(history, kind)
    assert written(history, kind) == archive
    assert written(fetches_of(read_bytes(archive, tmp_path_factory.getbasetemp())[0]), kind) == archive


@pytest.mark.real_lists
@pytest.mark.parametrize("kind", KINDS)
def test_all_real_lists_come_back_byte_for_byte(tmp_path: Path, kind: ArchiveKind) -> None:
    reals = [real for real in real_lists() if "snapshots" in real.path.parts]
    bodies = {real.path: real.raw() for real in reals}
    loose, bad = read_all(*bodies)
    assert bad == []
    assert [item.fetch.taken_at for item in loose] == sorted(item.fetch.taken_at for item in loose)
    assert {Path(item.name): item.fetch.pages[0].body for item in loose} == bodies
    history = [msgspec.structs.replace(item.fetch, series=SERIES, scope=ListScope.ALL) for item in loose]
    target = tmp_path / f"history{kind}"
    assert export_history(history, target, force=False).fetches == len(reals)
    lists, bad = read_all(target)
    assert bad == []
    assert fetches_of(lists) == history
    assert kind is ArchiveKind.PLAIN or target.stat().st_size < sum(map(len, bodies.values())) / 50


def test_an_equal_body_is_written_once_across_series_parts_and_pages(tmp_path: Path) -> None:
    other = ArchivedSeries("openrouter", "https://mirror.test/api/v1", "account")
    both = (RawPage(Part.MODELS, "u", a_list()), RawPage(Part.ACCOUNT, "v", a_list()), RawPage(Part.MODELS, "w", b"[]"))
    history = [
        fetch(a_list(), NOW - 3 * HOUR),
        fetch(a_list("acme/wren"), NOW - 2 * HOUR),
        fetch(a_list(), NOW - HOUR, series=other),
        fetch(b"", NOW, pages=both),
    ]
    out = io.BytesIO()
    assert write_history(history, out, kind=ArchiveKind.PLAIN) == Written(fetches=4, pages=6, bodies=3)
    lists, bad = read_bytes(out.getvalue(), tmp_path)
    assert bad == []
    assert fetches_of(lists) == history


def test_bodies_that_were_not_used_lately_are_forgotten_by_both_sides(tmp_path: Path) -> None:
    large = [bytes([65 + place]) * (KEPT_BYTES // 2 - 10) for place in range(3)]
    larger = b"L" * (KEPT_BYTES + 1)
    order = [large[0], large[1], large[0], large[2], large[0], large[1], larger, larger, large[0]]
    history = [fetch(body, NOW - 20 * HOUR + place * HOUR) for place, body in enumerate(order)]
    target = tmp_path / "history.tar.zst"
    assert export_history(history, target, force=False) == Written(fetches=9, pages=9, bodies=7)
    lists, bad = read_all(target)
    assert bad == []
    assert fetches_of(lists) == history


def test_validators_are_not_kept(tmp_path: Path) -> None:
    history = [fetch(b"", pages=(RawPage(Part.MODELS, "u", b"[]", '"etag"'),))]
    assert fetches_of(read_bytes(written(history), tmp_path)[0]) == without_validators(history)


def test_a_damaged_fetch_harms_only_those_that_need_its_body(tmp_path: Path) -> None:
    bodies = [a_list(), a_list("acme/wren"), a_list("acme/wren"), a_list()]
    history = [fetch(body, NOW - (9 - place) * HOUR) for place, body in enumerate(bodies)]
    archive = written(history)
    at = archive.index(b"acme/wren")
    lists, bad = read_bytes(archive[:at] + b"\xff" + archive[at + 1 :], tmp_path)
    assert fetches_of(lists) == [history[0], history[3]]
    assert [Path(item.name).name[:6] for item in bad] == ["000002", "000003"]
    at = archive.index(b"fetches/000002") + 512
    lists, bad = read_bytes(archive[:at] + b"X" + archive[at + 1 :], tmp_path)
    assert fetches_of(lists) == [history[0], history[2], history[3]]
    assert [Path(item.name).name[:6] for item in bad] == ["000002"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_that_is_cut_anywhere_gives_its_beginning_and_is_named(tmp_path: Path, kind: ArchiveKind) -> None:
    history = [fetch(a_list(f"acme/{place}"), NOW - (9 - place) * HOUR) for place in range(4)]
    whole = written(history, kind)
    needed = len(whole) if kind is ArchiveKind.ZSTD else len(whole.rstrip(b"\0"))
    for end in range(1, needed, 7 if kind is ArchiveKind.ZSTD else 97):
        lists, bad = read_bytes(whole[:end], tmp_path)
        assert fetches_of(lists) == history[: len(lists)]
        assert bad, end


def test_an_export_whose_members_were_put_in_disorder_is_named_as_such(tmp_path: Path) -> None:
    members = untar(written([fetch(a_list())]))
    lists, bad = read_bytes(tar_of(sorted(members.items())), tmp_path)
    assert {item.fetch.series for item in lists} == {None}
    assert "as the first member" in bad[-1].words


def test_a_fetch_of_more_than_a_list_may_be_is_refused(tmp_path: Path) -> None:
    page = RawPage(Part.MODELS, "u", b"x" * 600)
    path = tmp_path / "history.tar"
    export_history([fetch(b"", pages=(page,)), fetch(b"", pages=(page, page))], path, force=False)
    found = list(read_files([path], now=NOW, limits=ReadLimits(max_list_bytes=1000)))
    assert [type(item) for item in found] == [ListFile, BadFile]


def test_an_export_knows_its_instants_better_than_a_person(tmp_path: Path) -> None:
    path = tmp_path / "history.tar"
    export_history([fetch(a_list())], path, force=False)
    found = list(read_files([path], now=NOW, said="mtime"))
    assert [item.fetch.taken_at for item in found if isinstance(item, ListFile)] == [NOW]
    assert [type(item) for item in read_files([path], now=NOW, said=NOW - HOUR)] == [BadFile]
