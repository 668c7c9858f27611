"""Lists, archives and fetches for these tests: bytes that somebody might hand to `llmanac import`."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import zstandard
from hypothesis import strategies as st

from llmanac.archive.fetch import ArchivedFetch, ArchivedSeries, BadFile, ListFile
from llmanac.archive.reading import read_files
from llmanac.archive.writing import ArchiveKind, write_history
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from tests.build import answer, record

NOW = datetime(2026, 10, 26, 4, tzinfo=UTC)
SERIES = ArchivedSeries("openrouter", "https://upstream.test/api/v1", "all")


def a_list(name: str = "acme/owl-2") -> bytes:
    """A list of one model."""
    return answer([record(id=name)])


def packed(body: bytes, ending: str) -> bytes:
    """The body as a file with this ending holds it."""
    if ending.endswith(".gz"):
        return gzip.compress(body, mtime=0)
    return zstandard.ZstdCompressor().compress(body) if ending.endswith(".zst") else body


def tar_of(
    members: Iterable[tuple[str, bytes] | tarfile.TarInfo], *, form: int = tarfile.GNU_FORMAT, modified: int = 0
) -> bytes:
    """A tar of files, and of headers without contents."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size, info.mtime = len(member[1]), modified
            archive.addfile(info, io.BytesIO(member[1]))
    return held.getvalue()


def untar(body: bytes) -> dict[str, bytes]:
    """The members of a tar in their order, as the standard library reads them."""
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {info.name: held.read() for info in archive if (held := archive.extractfile(info)) is not None}


def read_all(*paths: Path) -> tuple[list[ListFile], list[BadFile]]:
    """What was read and what was bad."""
    found = list(read_files(paths, now=NOW))
    return [item for item in found if isinstance(item, ListFile)], [item for item in found if isinstance(item, BadFile)]


def bodies_of(lists: Sequence[ListFile]) -> list[bytes]:
    """The bytes of each list that is one page."""
    assert all(len(item.fetch.pages) == 1 for item in lists)
    return [item.fetch.pages[0].body for item in lists]


def fetch(
    body: bytes, taken_at: datetime = NOW, *, series: ArchivedSeries | None = SERIES, pages: tuple[RawPage, ...] = ()
) -> ArchivedFetch:
    """A fetch of one page, or of the pages given."""
    return ArchivedFetch(
        series=series,
        scope=ListScope.ALL,
        origin="fetched",
        taken_at=taken_at,
        pages=pages or (RawPage(Part.MODELS, "https://upstream.test/api/v1/models", body),),
        raw=True,
        warning=None,
    )


def instants() -> st.SearchStrategy[datetime]:
    """Every instant at which a list can have been taken, with its microseconds, in UTC."""
    return st.datetimes(datetime(2015, 1, 1), NOW.replace(tzinfo=None), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis adds the zone


def fetches() -> st.SearchStrategy[list[ArchivedFetch]]:
    """Fetches in any order, of which many share bodies."""
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
    bodies = st.sampled_from([b"", b"{}", a_list(), a_list("acme/wren")]) | st.binary(max_size=2000)
    pages = st.builds(RawPage, st.sampled_from(Part), texts, bodies, st.none())
    series = st.none() | st.builds(ArchivedSeries, texts, texts, texts)
    one = st.builds(
        ArchivedFetch,
        series=series,
        scope=st.none() | st.sampled_from(ListScope),
        origin=texts,
        taken_at=instants(),
        pages=st.lists(pages, max_size=4).map(tuple),
        raw=st.booleans(),
        warning=st.none() | texts,
    )
    return st.lists(one, max_size=8)


def written(history: list[ArchivedFetch], kind: ArchiveKind = ArchiveKind.PLAIN) -> bytes:
    """The archive of a history."""
    out = io.BytesIO()
    write_history(history, out, kind=kind)
    return out.getvalue()


def read_bytes(archive: bytes, folder: Path) -> tuple[list[ListFile], list[BadFile]]:
    """What an archive of these bytes gives."""
    path = folder / "history.tar"
    path.write_bytes(archive)
    return read_all(path)


def fetches_of(lists: list[ListFile]) -> list[ArchivedFetch]:
    return [item.fetch for item in lists]


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A header of a link, a device or whatever `kind` is."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zst(body: bytes, **parameters: int) -> bytes:
    """Compressed by zstd with a checksum and these parameters."""
    chosen = zstandard.ZstdCompressionParameters.from_level(3, write_checksum=True, **parameters)
    compressor = zstandard.ZstdCompressor(compression_params=chosen).compressobj()
    return compressor.compress(body) + compressor.flush()


def flipped(body: bytes, at: int) -> bytes:
    """With one byte damaged."""
    return body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :]
