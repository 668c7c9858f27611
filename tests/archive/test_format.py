"""The export's format is what it says, whatever writes it, and stays readable."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from llmanac.archive.fetch import ArchivedFetch, ArchivedSeries, ListFile, ReadLimits
from llmanac.archive.reading import read_files
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from tests.archive.files import NOW, a_list, fetch, fetches_of, read_all, read_bytes, tar_of, untar, written

HOUR = timedelta(hours=1)


def test_the_members_can_be_read_by_a_person(tmp_path: Path) -> None:
    at = datetime(2026, 6, 8, 15, 41, 25, 123456, UTC)
    members = untar(written([fetch(a_list(), at), fetch(a_list(), at + HOUR)]))
    body = "bodies/000001-2026-06-08T154125.123456Z-models-0.json"
    assert list(members) == [
        "llmanac-history.json",
        body,
        "fetches/000001-2026-06-08T154125.123456Z.json",
        "fetches/000002-2026-06-08T164125.123456Z.json",
        "end.json",
    ]
    assert members[body] == a_list()
    assert msgspec.json.decode(members["fetches/000002-2026-06-08T164125.123456Z.json"]) == {
        "series": {"source": "openrouter", "base_url": "https://upstream.test/api/v1", "scope": "all"},
        "scope": "all",
        "origin": "fetched",
        "taken_at": "2026-06-08T16:41:25.123456Z",
        "raw": True,
        "warning": None,
        "pages": [
            {
                "part": "models",
                "url": "https://upstream.test/api/v1/models",
                "sha256": sha256(a_list()).hexdigest(),
                "member": body,
            }
        ],
    }
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / Path(body).name).write_bytes(members[body])
    lists, bad = read_all(tmp_path / "unpacked")
    assert bad == []
    assert [item.fetch.taken_at for item in lists] == [at]


MANIFEST = {
    "series": {"source": "openrouter", "base_url": "https://openrouter.ai/api/v1", "scope": "account"},
    "scope": "account",
    "origin": "bundled",
    "taken_at": "2026-06-08T17:41:25.5+02:00",
    "raw": False,
    "warning": "fewer models",
    "added_later": [1],
    "pages": [
        {"part": "account", "url": "https://openrouter.ai/api/v1/models/user", "sha256": sha256(b"[]").hexdigest()},
    ],
}


def format_1(**replaced: bytes) -> list[tuple[str, bytes]]:
    """An archive of format 1, written by hand."""
    manifest = {**MANIFEST, "pages": [{**MANIFEST["pages"][0], "member": "bodies/x.json"}]}  # type: ignore[index]  # JSON
    members = {
        "llmanac-history.json": b'{"format": 1, "written_by": "llmanac 0.2.0"}',
        "bodies/x.json": b"[]",
        "notes/added-later.json": b"anything",
        "fetches/x.json": msgspec.json.encode(manifest),
        "end.json": b'{"fetches": 1}',
    }
    return [(name, replaced.get(Path(name).parts[0].removesuffix(".json"), body)) for name, body in members.items()]


def test_format_1_is_read_for_ever(tmp_path: Path) -> None:
    lists, bad = read_bytes(tar_of(format_1()), tmp_path)
    assert bad == []
    assert [item.name for item in lists] == [f"{tmp_path}/history.tar:fetches/x.json"]
    assert fetches_of(lists) == [
        ArchivedFetch(
            series=ArchivedSeries("openrouter", "https://openrouter.ai/api/v1", "account"),
            scope=ListScope.ACCOUNT,
            origin="bundled",
            taken_at=datetime(2026, 6, 8, 15, 41, 25, 500000, UTC),
            pages=(RawPage(Part.ACCOUNT, "https://openrouter.ai/api/v1/models/user", b"[]"),),
            raw=False,
            warning="fewer models",
        )
    ]


def test_a_newer_format_is_refused_with_both_numbers(tmp_path: Path) -> None:
    header = msgspec.json.encode({"format": 2, "written_by": "llmanac 9.1", "other": 1})
    lists, bad = read_bytes(tar_of(format_1(**{"llmanac-history": header})), tmp_path)
    assert lists == []
    assert [item.words for item in bad] == [
        "Expected format 1 or older, got format 2 (written by 'llmanac 9.1'): a newer llmanac reads it"
    ]


@pytest.mark.parametrize(
    ("replaced", "words"),
    [
        ({"llmanac-history": b"{}"}, "the Header of an export"),
        ({"llmanac-history": b'{"format": 0}'}, "got format 0"),
        ({"end": b'{"fetches": 2}'}, "Expected 2 fetches, got 1"),
        ({"end": b"[]"}, "the End of an export"),
        ({"bodies": b"{}"}, "Expected the body of page 0 with SHA-256"),
        ({"fetches": b"{}"}, "the Manifest of an export"),
        ({"fetches": msgspec.json.encode({**MANIFEST, "taken_at": "2026-06-08T17:41:25"})}, "the Manifest"),
        ({"fetches": msgspec.json.encode({**MANIFEST, "taken_at": "2026-10-27T17:41:25Z", "pages": []})}, "the future"),
        ({"fetches": msgspec.json.encode({**MANIFEST, "scope": "image", "pages": []})}, "Invalid enum value 'image'"),
        ({"fetches": msgspec.json.encode({**MANIFEST, "warning": "\0", "pages": []})}, "without NUL"),
        ({"fetches": b"[" * 100_000}, "the Manifest"),
        ({"fetches": b'{"origin": "\xff"}'}, "the Manifest"),
        (
            {"fetches": msgspec.json.encode({**MANIFEST, "taken_at": "0001-01-01T00:00:00+14:00", "pages": []})},
            "an instant that exists",
        ),
    ],
)
def test_what_is_wrong_with_an_export_is_named(tmp_path: Path, replaced: dict[str, bytes], words: str) -> None:
    _, bad = read_bytes(tar_of(format_1(**replaced)), tmp_path)
    assert len(bad) == 1
    assert words in bad[0].words


def test_bodies_that_no_fetch_uses_are_not_kept(tmp_path: Path) -> None:
    bodies = [(f"bodies/{place}.json", bytes([place]) * (1 << 20)) for place in range(40)]
    members = [format_1()[0], *bodies, *format_1()[1:]]
    path = tmp_path / "history.tar"
    path.write_bytes(tar_of(members))
    found = list(read_files([path], now=NOW, limits=ReadLimits(max_list_bytes=2 << 20)))
    assert [type(item) for item in found] == [ListFile]
