"""A file's content → its Calls, a block of lines at a time. No line is lost: what is no call is a BadLine."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from llmanac.errors import InvalidBody
from llmanac.usage.call import BadLine, Call, UnreadableLine
from llmanac.usage.columns import Table, call_of_row, read_header
from llmanac.usage.counts import read_call
from llmanac.usage.lines import MAX_LINE_BYTES, Block, blocks
from llmanac.usage.wire import Line

if TYPE_CHECKING:
    from _csv import Reader

_BOM = b"\xef\xbb\xbf"
_ROWS = 4096
"""Rows of a table that are handed on together."""
_DELIMITERS = ",;\t|"
_NO_COLUMNS: Mapping[str, str] = MappingProxyType({})
_decoder = msgspec.json.Decoder(Line)


class How(msgspec.Struct, frozen=True):
    """What the caller knows of a file and its lines do not say."""

    at_us: int | None = None
    """When calls were made that do not say; None refuses them."""
    columns: Mapping[str, str] = _NO_COLUMNS
    """See `read_header`."""
    apart: bool | None = None
    """As above."""
    max_line_bytes: int = MAX_LINE_BYTES


class Batch(msgspec.Struct, frozen=True):
    """What some lines of a file say."""

    calls: list[Call]
    bad: list[BadLine]


def read_calls(pieces: Iterable[bytes], file: str, how: How, told: Callable[[str], None]) -> Iterator[Batch]:
    """Every call of a file, JSON lines or a table with a header, told by what it begins with.

    Args:
        file: What it is called, for its bad lines.
        told: Told of what concerns the whole file, such as columns that are not read.

    Raises:
        InvalidBody: It is neither, but one JSON document.
        InvalidParameter: Its header lacks what is needed.
    """
    content = iter(pieces)
    head = b""
    for piece in content:
        head += piece
        if head.removeprefix(_BOM).strip():
            break
    begin = head.removeprefix(_BOM)
    lines = blocks(chain((begin,), content), how.max_line_bytes)
    match begin.lstrip()[:1]:
        case b"":
            return
        case b"[":
            raise InvalidBody(
                f"{file}: Expected one JSON object a line, got an array", hint="jq -c '.[]' makes lines of it."
            )
        case b"{":
            yield from _json_batches(lines, file, how)
        case _:
            yield from _table_batches(lines, file, how, told)


def _json_batches(lines: Iterable[Block], file: str, how: How) -> Iterator[Batch]:
    for block in lines:
        if block.too_long:
            yield Batch([], [_too_long(block.first_line, file, how)])
            continue
        try:
            lines_read = _decoder.decode_lines(block.text)
            # All at once, as long as nothing is wrong with any of them and each line holds one.
            found = (
                [read_call(line, at_us=how.at_us) for line in lines_read] if len(lines_read) == block.lines else None
            )
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UnreadableLine):
            found = None
        yield _one_by_one(block, file, how) if found is None else Batch(found, [])


def _one_by_one(block: Block, file: str, how: How) -> Batch:
    calls: list[Call] = []
    bad: list[BadLine] = []
    for number, text in enumerate(block.text.split(b"\n"), block.first_line):
        if not text.strip():
            continue
        try:
            calls.append(read_call(_decoder.decode(text), at_us=how.at_us))
        except UnreadableLine as problem:
            bad.append(BadLine(file, number, str(problem)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            if number == 1 and text.strip() == b"{":
                raise InvalidBody(
                    f"{file}: Expected one JSON object a line, got one over several lines",
                    hint="jq -c . makes a line of it.",
                ) from None
            bad.append(BadLine(file, number, _json_words(problem)))
    return Batch(calls, bad)


def _json_words(problem: Exception) -> str:
    return str(problem) if isinstance(problem, msgspec.ValidationError) else f"no JSON: {problem}"


def _table_batches(lines: Iterable[Block], file: str, how: How, told: Callable[[str], None]) -> Iterator[Batch]:
    passed: list[BadLine] = []
    texts = _texts(lines, file, how, passed)
    first = next(texts)
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(chain((first,), texts), delimiter=delimiter, skipinitialspace=True)
    table = read_header(next(rows), how.columns, apart=how.apart)
    if table.unused:
        told(f"{file}: columns that are not read: {', '.join(table.unused)}")
    while True:
        batch = Batch([], [])
        more = _read_rows(rows, table, file, how, batch)
        yield Batch(batch.calls, [*batch.bad, *passed])
        passed.clear()
        if not more:
            return


def _read_rows(rows: "Reader", table: Table, file: str, how: How, into: Batch) -> bool:
    """Some rows; whether there may be more. A row over several lines is told by its last."""
    for _ in range(_ROWS):
        try:
            row = next(rows)
            if any(cell.strip() for cell in row):
                into.calls.append(call_of_row(row, table, at_us=how.at_us))
        except StopIteration:
            return False
        except (UnreadableLine, csv.Error) as problem:
            into.bad.append(BadLine(file, rows.line_num, str(problem)))
    return True


def _texts(lines: Iterable[Block], file: str, how: How, passed: list[BadLine]) -> Iterator[str]:
    for block in lines:
        if block.too_long:
            passed.append(_too_long(block.first_line, file, how))
            yield "\n"  # keeps the count of lines
            continue
        for text in block.text.split(b"\n"):
            yield text.decode("utf-8", "replace") + "\n"


def _too_long(number: int, file: str, how: How) -> BadLine:
    return BadLine(file, number, f"Expected a line of at most {how.max_line_bytes} bytes, got more")
