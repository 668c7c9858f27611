"""Sets of row numbers as the bits of one integer: union, intersection and count are each one loop of the machine."""

from collections.abc import Iterable, Iterator
from itertools import compress

_SPARSE = 16
_AS_FLAGS = bytes.maketrans(b"01", b"\0\1")


def bits_of(rows: Iterable[int], size: int) -> int:
    """The set of these rows, of `size` there are."""
    packed = bytearray(size // 8 + 1)
    for row in rows:
        packed[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(packed, "little")


def every_bit(size: int) -> int:
    """The set of all rows."""
    return (1 << size) - 1


def flags_of(bits: int, size: int) -> bytes:
    """For every row 1 or 0."""
    return format(bits, f"0{size}b").encode().translate(_AS_FLAGS)[::-1]


def rows_of(bits: int, size: int) -> Iterator[int]:
    """The rows of a set, in their order."""
    flags = flags_of(bits, size)
    return _found(flags) if bits.bit_count() * _SPARSE < size else compress(range(size), flags)


def _found(flags: bytes) -> Iterator[int]:
    """The machine leaps from one to the next, which pays where they are far between."""
    row = flags.find(1)
    while row >= 0:
        yield row
        row = flags.find(1, row + 1)
