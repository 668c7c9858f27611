"""Bytes in pieces of any size → blocks of whole lines, in bounded memory."""

from collections.abc import Iterable, Iterator

import msgspec

MAX_LINE_BYTES = 16 << 20
"""A longer line is passed over and told. Answers with a million tokens in them have some 8 MB."""


class Block(msgspec.Struct, frozen=True):
    """Some whole lines without the last line end, or `too_long` for one that was passed over."""

    first_line: int
    """From 1."""
    text: bytes
    too_long: bool = False

    @property
    def lines(self) -> int:
        """How many there are, empty ones too."""
        return self.text.count(b"\n") + 1


def blocks(pieces: Iterable[bytes], max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[Block]:
    """All lines, in order. What follows the last line end is a line too, unless it is empty."""
    number, kept, passing = 1, bytearray(), False  # grows without being copied for each piece
    for piece in pieces:
        rest = piece
        if passing:
            _, newline, rest = piece.partition(b"\n")
            if not newline:
                continue
            passing, number = False, number + 1
        whole, newline, rest = rest.rpartition(b"\n")
        if newline:
            block = Block(number, bytes(kept) + whole)
            yield block
            number, kept = number + block.lines, bytearray(rest)
        else:
            kept += rest
        if len(kept) > max_line_bytes:
            yield Block(number, b"", too_long=True)
            kept, passing = bytearray(), True
    if kept:
        yield Block(number, bytes(kept))
