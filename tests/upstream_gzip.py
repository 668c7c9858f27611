"""Gzip bodies for the upstream simulator: an ordinary one, and one that inflates to more than a gibibyte."""

import functools
import gzip
import struct
import zlib

BLOCK = b" " * (1024 * 1024)
BLOCKS = 1024
HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)


def bomb(body: bytes) -> bytes:
    """One gzip member of a gibibyte of spaces and then the body, so that who inflates it all gets valid JSON.

    A full flush ends a deflate block on a whole byte and forgets what went before; such a block may be repeated.
    """
    flushed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = flushed.compress(BLOCK) + flushed.flush(zlib.Z_FULL_FLUSH)
    last = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    end = last.compress(body) + last.flush()
    size = len(BLOCK) * BLOCKS + len(body)
    return HEADER + block * BLOCKS + end + struct.pack("<II", zlib.crc32(body, _crc_of_spaces()), size & 0xFFFFFFFF)


@functools.cache
def _crc_of_spaces() -> int:
    checksum = 0
    for _ in range(BLOCKS):
        checksum = zlib.crc32(BLOCK, checksum)
    return checksum
