"""Fetches → one archive of all of them, byte for byte, that is there whole or not at all."""

import os
import secrets
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
import zstandard

from llmanac.archive.bodies import RecentBodies
from llmanac.archive.fetch import ArchivedFetch
from llmanac.archive.instant import EARLIEST
from llmanac.archive.manifest import (
    END_NAME,
    HEADER_NAME,
    ManifestPage,
    body_name,
    encode_end,
    encode_header,
    encode_manifest,
    fetch_name,
)
from llmanac.errors import Conflict, InvalidParameter, LlmanacError

_ZSTD_LEVEL = 9
_WINDOW_LOG = 25
"""32 MiB, which a reader must hold: thirty lists of 2026. Four times that gains a hundredth on the real lists."""


class _Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


class ArchiveKind(StrEnum):
    """How an archive is packed."""

    ZSTD = ".tar.zst"
    PLAIN = ".tar"


class Written(msgspec.Struct, frozen=True):
    """What went into an archive. Fewer bodies than pages: equal ones were written once."""

    fetches: int
    pages: int
    bodies: int


def export_history(fetches: Iterable[ArchivedFetch], target: Path, *, force: bool) -> Written:
    """Write an archive beside the target and put it in its place when it is whole.

    Args:
        fetches: In the order in which they are to be read again, mostly that of time.
        target: `….tar.zst` or `….tar`.
        force: Whether a file that is there may be replaced.

    Raises:
        InvalidParameter: The name is no archive's.
        Conflict: The target is there already.
        LlmanacError: It cannot be written.
    """
    kind = kind_of(target)
    try:
        _refuse_existing(target, force=force)
        with _beside(target) as (file, beside):
            written = write_history(fetches, file, kind=kind)
            file.flush()
            os.fsync(file.fileno())
            _refuse_existing(target, force=force)
            beside.replace(target)
    except OSError as problem:
        raise LlmanacError(f"{target}: Expected a place to write, got {problem.strerror or problem!r}") from problem
    return written


def kind_of(target: Path) -> ArchiveKind:
    """How the name wants it packed.

    Raises:
        InvalidParameter: It ends in neither way.
    """
    for kind in ArchiveKind:
        if target.name.lower().endswith(kind):
            return kind
    raise InvalidParameter(f"Expected a name that ends in {' or '.join(ArchiveKind)}, got {target.name!r}")


def write_history(fetches: Iterable[ArchivedFetch], out: BinaryIO, *, kind: ArchiveKind) -> Written:
    """Write an archive to an open file, which need not be able to seek and stays open.

    Equal fetches give equal bytes, at any time.
    """
    if kind is ArchiveKind.PLAIN:
        return _write_members(fetches, out)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _ZSTD_LEVEL, window_log=_WINDOW_LOG, enable_ldm=True, write_checksum=True
    )
    with zstandard.ZstdCompressor(compression_params=parameters).stream_writer(out, closefd=False) as stream:
        return _write_members(fetches, stream)


def _write_members(fetches: Iterable[ArchivedFetch], out: _Writable) -> Written:
    archive = _Archive(out)
    for fetch in fetches:
        archive.add(fetch)
    return archive.end()


class _Archive:
    """An archive that is being written."""

    def __init__(self, out: _Writable) -> None:
        self._out = out
        self._lies_in: RecentBodies[str] = RecentBodies()
        self._fetches = self._pages = self._bodies = 0
        self._put(HEADER_NAME, encode_header(), EARLIEST)

    def add(self, fetch: ArchivedFetch) -> None:
        """The bodies that a reader cannot still have, then the manifest."""
        self._fetches += 1
        pages = tuple(self._page(fetch, position) for position in range(len(fetch.pages)))
        self._put(fetch_name(self._fetches, fetch.taken_at), encode_manifest(fetch, pages), fetch.taken_at)
        self._lies_in.use(page.sha256 for page in pages)
        self._pages += len(pages)

    def end(self) -> Written:
        """The last member and the end of the tar."""
        self._put(END_NAME, encode_end(self._fetches), EARLIEST)
        self._out.write(bytes(2 * tarfile.BLOCKSIZE))
        return Written(self._fetches, self._pages, self._bodies)

    def _page(self, fetch: ArchivedFetch, position: int) -> ManifestPage:
        page = fetch.pages[position]
        digest = sha256(page.body).hexdigest()
        member = self._lies_in.find(digest)
        if member is None:
            member = body_name(self._fetches, fetch.taken_at, page.part, position)
            self._put(member, page.body, fetch.taken_at)
            self._lies_in.keep(digest, len(page.body), member)
            self._bodies += 1
        return ManifestPage(page.part, page.url, digest, member)

    def _put(self, name: str, body: bytes, at: datetime) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(body)
        info.mtime = max(int(at.timestamp()), 0)
        self._out.write(info.tobuf(tarfile.USTAR_FORMAT))
        self._out.write(body)
        self._out.write(bytes(-len(body) % tarfile.BLOCKSIZE))


def _refuse_existing(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise Conflict(f"{target}: Expected the name of a file, got a folder's")
    if target.exists() and not force:
        raise Conflict(f"{target}: Expected a name that is free, got that of a file", hint="--force replaces it.")


@contextmanager
def _beside(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file in the target's folder, which is gone at the end unless it was renamed."""
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with path.open("xb") as file:
            yield file, path
    finally:
        path.unlink(missing_ok=True)
