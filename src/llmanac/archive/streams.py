"""Bytes of a file without their compression, only forwards and within bounds: never on the disk, never all at once."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Protocol

import zstandard

from llmanac.archive.fetch import ReadLimits, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_WINDOW_BYTES = 1 << 27
"""What a zstd frame may ask a reader to hold; `zstd -d` draws the line there too."""

BROKEN = (OSError, EOFError, zlib.error, zstandard.ZstdError, tarfile.TarError, RecursionError)
"""What the libraries raise over bytes that are not what they should be."""

_HEAD_BYTES = tarfile.BLOCKSIZE
_STEP_BYTES = 1 << 20
_MAX_HEADER_BYTES = 64 << 10
"""Long names and extended attributes fit; tarfile searches them in quadratic time in Pythons before 3.11.10."""
_ZSTD_STEP_BYTES = 1024
"""Four bytes can stand for 128 KiB, so one step makes 32 MiB at most."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"


class Content(StrEnum):
    """What a file is by its first bytes, whatever it is called."""

    JSON = "JSON"
    TAR = "tar"
    GZIP = "gzip"
    ZSTD = "zstd"


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class ForwardStream:
    """Decompressed bytes in order. `tarfile` reads headers from it; contents are taken by `take`."""

    def __init__(self, stream: _Readable, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._at = 0
        self._ahead = b""
        self.last_read = b""
        """What `read` gave last: how an archive's end differs from its damage."""

    def head(self) -> bytes:
        """The first bytes, which stay to be read."""
        self._ahead = self._exactly(_HEAD_BYTES)
        self._at = 0
        return self._ahead

    def tell(self) -> int:
        """Bytes passed so far."""
        return self._at

    def seek(self, to: int) -> int:
        """Pass over bytes. An archive that points backwards is no archive."""
        if to < self._at:
            raise tarfile.ReadError("a header points backwards")
        while self._at < to and self._step(to - self._at):
            pass
        return self._at

    def read(self, size: int = -1) -> bytes:
        """For headers, which are small; a huge one is an attack on the memory of who reads it."""
        if not 0 <= size <= _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {size} bytes")
        self.last_read = self._exactly(size)
        return self.last_read

    def take(self, size: int) -> bytes:
        """So many bytes of content.

        Raises:
            Unreadable: They end before.
        """
        taken = self._exactly(size)
        if len(taken) < size:
            raise Unreadable(f"Expected {size} bytes, got only {len(taken)}: it is cut short")
        return taken

    def take_all(self, max_bytes: int) -> bytes:
        """Everything that is left.

        Raises:
            Unreadable: It is more than `max_bytes`.
        """
        taken = self._exactly(max_bytes + 1)
        if len(taken) > max_bytes:
            raise too_large(max_bytes)
        return taken

    def drain(self) -> None:
        """Read to the end, where compressed streams have their checksums."""
        while self._step(_STEP_BYTES):
            pass

    def write(self, _: bytes) -> int:
        """Only there because `tarfile` names it."""
        raise io.UnsupportedOperation("a stream that is read")

    def close(self) -> None:
        """As above; who opened the file closes it."""

    def _exactly(self, size: int) -> bytes:
        pieces = []
        while size > 0 and (piece := self._step(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _step(self, size: int) -> bytes:
        if self._ahead:
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            piece = self._stream.read(min(size, _STEP_BYTES))
        self._at += len(piece)
        if self._at > self._max_bytes:
            raise too_large(self._max_bytes)
        return piece


class _ZstdFrames(io.RawIOBase):
    """All frames of a zstd file. zstandard's own reader takes a file that is cut short for a whole one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
        self._frame = self._decompressor.decompressobj()
        self._fresh = True
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self._ready:
            chunk = self._frame.unused_data
            if self._frame.eof:
                self._frame, self._fresh = self._decompressor.decompressobj(), True
            chunk = chunk or self._file.read(_ZSTD_STEP_BYTES)
            if not chunk:
                if self._fresh:
                    return 0
                raise EOFError("the zstd stream ends in the middle")
            self._fresh = False
            self._ready = memoryview(self._frame.decompress(chunk))
        into = memoryview(buffer)
        size = min(len(into), len(self._ready))
        into[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def too_large(max_bytes: int) -> Unreadable:
    """The refusal of what passes a bound."""
    return Unreadable(f"Expected at most {max_bytes} bytes after decompression, got more")


@contextmanager
def open_content(file: BinaryIO, limits: ReadLimits) -> Iterator[tuple[Content, ForwardStream]]:
    """What a file holds, JSON or tar, decompressed if need be.

    Raises:
        Unreadable: It is something else, or compressed twice.
    """
    stream = ForwardStream(file, limits.max_archive_bytes)
    content = _content_of(stream.head())
    if content in (Content.GZIP, Content.ZSTD):
        file.seek(0)
        inner: io.BufferedIOBase = (
            gzip.GzipFile(fileobj=file, mode="rb")
            if content is Content.GZIP
            else io.BufferedReader(_ZstdFrames(file), _STEP_BYTES)
        )
        with inner:
            stream = ForwardStream(inner, limits.max_archive_bytes)
            within = _content_of(stream.head())
            if within in (Content.GZIP, Content.ZSTD):
                raise Unreadable(f"Expected JSON or tar within {content}, got {within}: it is compressed twice")
            yield within, stream
    else:
        yield content, stream


def _content_of(head: bytes) -> Content:
    if head[:2] == b"\x1f\x8b":
        return Content.GZIP
    if head[:4] == _ZSTD_MAGIC or (head[1:4] == _ZSTD_SKIPPABLE and head[0] & 0xF0 == 0x50):
        return Content.ZSTD
    if _is_tar(head):
        return Content.TAR
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return Content.JSON
    if not text:
        raise Unreadable("Expected a list, got an empty file")
    raise Unreadable(f"Expected JSON, gzip, zstd or tar, got something that begins {text[:24]!r}")


def _is_tar(head: bytes) -> bool:
    """By the checksum of its first header: the oldest kind has no magic. Zeros alone are an archive without members."""
    if len(head) < tarfile.BLOCKSIZE:
        return False
    if not head.strip(b"\0"):
        return True
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
