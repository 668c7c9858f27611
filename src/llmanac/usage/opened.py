"""Usage files as bytes: plain, gzip or zstd by what they begin with, forwards only, so that a pipe will do."""

import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

import zstandard

from llmanac.errors import InvalidBody

_PIECE_BYTES = 256 << 10
_ZSTD_STEP_BYTES = 1024
"""Four bytes can stand for 128 KiB, so one step makes 32 MiB at most."""
_GZIP_STEP_BYTES = 16 << 10
"""One byte can stand for 1032, so one step makes 17 MB at most."""
_MAX_WINDOW_BYTES = 1 << 27
"""What a zstd frame may ask a reader to hold; `zstd -d` draws the line there too."""
_ANY_WRAPPER = 31
"""zlib's word for gzip."""


def pieces_of(file: BinaryIO, name: str, passed: Callable[[int], None]) -> Iterator[bytes]:
    """The content, decompressed.

    Args:
        name: For the refusal.
        passed: Told how many bytes of the file were read, as they are.

    Raises:
        InvalidBody: The compressed stream is damaged or cut short.
    """
    first = file.read(_PIECE_BYTES)
    read = _reading(file, first, passed)
    try:
        if first[:2] == b"\x1f\x8b":
            yield from _members(read, _GZIP_STEP_BYTES, lambda: zlib.decompressobj(_ANY_WRAPPER))
        elif first[:4] == b"\x28\xb5\x2f\xfd":
            made = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
            yield from _members(read, _ZSTD_STEP_BYTES, made.decompressobj)
        else:
            yield from read
    except (zlib.error, zstandard.ZstdError, EOFError) as problem:
        raise InvalidBody(f"{name}: the compressed content is damaged or cut short: {problem}") from None


def _reading(file: BinaryIO, first: bytes, passed: Callable[[int], None]) -> Iterator[bytes]:
    piece = first
    while piece:
        passed(len(piece))
        yield piece
        piece = file.read(_PIECE_BYTES)


def _members(
    read: Iterator[bytes], step: int, make: Callable[[], "zlib._Decompress | zstandard.ZstdDecompressionObj"]
) -> Iterator[bytes]:
    """The content of one compressed stream after the other. Zeros between them and at the end are padding."""
    stream, fresh = make(), True
    for piece in read:
        for begin in range(0, len(piece), step):
            part = piece[begin : begin + step]
            while part := part.lstrip(b"\0") if fresh else part:
                content = stream.decompress(part)
                fresh = False
                if content:
                    yield content
                part = stream.unused_data if stream.eof else b""
                if stream.eof:
                    stream, fresh = make(), True
    if not fresh:
        raise EOFError("it ends in the middle")
