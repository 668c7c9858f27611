"""A file's content → its Calls, a block of lines at a time. No line is lost: what is no call is a BadLine."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from llmanac.errors import InvalidBody
from llmanac.usage.call import BadLine, Call, Notes, UnreadableLine
from llmanac.usage.columns import Table, call_of_row, read_header
from llmanac.usage.counts import read_call
from llmanac.usage.lines import MAX_LINE_BYTES, Block, blocks
from llmanac.usage.loose import LooseLine, has_a_count, may_have_others
from llmanac.usage.plain import read_plain
from llmanac.usage.refused import with_value
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
    notes: Notes = msgspec.field(default_factory=Notes)


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
        if len(head) > how.max_line_bytes:
            raise InvalidBody(f"{file}: Expected calls, got {len(head)} bytes of blank space")
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
        yield _all_at_once(block, how) or _one_by_one(block, file, how)


def _all_at_once(block: Block, how: How) -> Batch | None:
    """None when something is wrong with any line or its names are not all known, or when a line does not hold one."""
    plain = read_plain(block.text)
    if plain is not None and len(plain) == block.lines:
        return Batch(plain, [])
    if may_have_others(block.text):
        return None
    notes = Notes()
    try:
        lines = _decoder.decode_lines(block.text)
        if len(lines) != block.lines:
            return None
        found = [read_call(line, notes, at_us=how.at_us) for line in lines]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UnreadableLine):
        return None
    calls = [call for call in found if call is not None]
    if len(calls) < len(found):
        texts = block.text.split(b"\n")
        if any(call is None and has_a_count(text) for call, text in zip(found, texts, strict=True)):
            return None
        notes.no_calls = len(found) - len(calls)
    return Batch(calls, [], notes)


def _one_by_one(block: Block, file: str, how: How) -> Batch:
    calls: list[Call] = []
    bad: list[BadLine] = []
    notes = Notes()
    for number, text in enumerate(block.text.split(b"\n"), block.first_line):
        if not text.strip():
            continue
        try:
            call = _call_of(text, how, notes)
            if call is None:
                notes.no_calls += 1
            else:
                calls.append(call)
        except UnreadableLine as problem:
            bad.append(BadLine(file, number, str(problem)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            if number == 1 and text.strip() == b"{":
                raise InvalidBody(
                    f"{file}: Expected one JSON object a line, got one over several lines",
                    hint="jq -c . makes a line of it.",
                ) from None
            bad.append(BadLine(file, number, f"no JSON: {problem}"))
    return Batch(calls, bad, notes)


def _call_of(text: bytes, how: How, notes: Notes) -> Call | None:
    """The call of a line, by the names that columns have where it has those; None when it tells of none."""
    loose = LooseLine(text) if may_have_others(text) and text.lstrip()[:1] == b"{" else None
    if loose is not None and loose.is_row and (call := loose.call(notes, apart=how.apart, at_us=how.at_us)) is not None:
        found: Call | None = call
    else:
        found = _strictly(text, how, notes)
    if found is None and has_a_count(text):
        others = LooseLine(text).others
        if others:
            raise UnreadableLine(f"Expected counts such as `prompt_tokens` or `input_tokens`, got {', '.join(others)}")
    for name in () if loose is None else loose.unread():
        notes.note_unread(name)
    return found


def _strictly(text: bytes, how: How, notes: Notes) -> Call | None:
    try:
        return read_call(_decoder.decode(text), notes, at_us=how.at_us)
    except msgspec.ValidationError as problem:
        if text.lstrip()[:1] == b"{" and b'"usage"' not in text and not has_a_count(text):
            return None
        raise UnreadableLine(with_value(problem, text)) from None
    except UnreadableLine:
        return read_call(LooseLine(text).complete(_decoder.decode(text)), notes, at_us=how.at_us)


def _table_batches(lines: Iterable[Block], file: str, how: How, told: Callable[[str], None]) -> Iterator[Batch]:
    passed: list[BadLine] = []
    texts = _texts(lines, file, how, passed)
    first = next(texts)
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(chain((first,), texts), delimiter=delimiter, skipinitialspace=True)
    try:
        header = next(rows)
    except csv.Error as problem:
        raise InvalidBody(f"{file}: Expected a table's header in its first line, got {problem}") from None
    table = read_header(header, how.columns, apart=how.apart)
    if table.unused:
        told(f"{file}: columns that are not read: {table.unused_words}")
    while True:
        batch = Batch([], [])
        more = _read_rows(rows, table, file, how, batch)
        yield Batch(batch.calls, [*batch.bad, *passed], batch.notes)
        passed.clear()
        if not more:
            return


def _read_rows(rows: "Reader", table: Table, file: str, how: How, into: Batch) -> bool:
    """Some rows; whether there may be more. A row over several lines is told by its last."""
    for _ in range(_ROWS):
        try:
            row = next(rows)
            if any(cell.strip() for cell in row):
                into.calls.append(call_of_row(row, table, into.notes, at_us=how.at_us))
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
