"""Data on stdout in four formats; words on stderr."""

import csv
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from llmanac.cli.table_layout import GAP, align_points, fold, in_blocks, lay_out, room_of


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How the answer is written.")]
ServerOption = Annotated[
    str | None,
    typer.Option("--server", envvar="LLMANAC_SERVER", help="Ask this server instead of the local store."),
]
TokenOption = Annotated[
    str | None,
    typer.Option("--token", envvar="LLMANAC_TOKEN", show_envvar=True, help="Token for --server."),
]

# What moves the cursor or turns the line around: other people's names must not draw on a terminal.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_TRAILING_SPACES = re.compile(r" +((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)

Rows = Sequence[Mapping[str, object]]


class Lines(tuple[str, ...]):
    """A cell of several lines on a terminal; elsewhere they stand in one, with semicolons between."""

    __slots__ = ()


def write_rows(
    rows: Rows,
    columns: Sequence[str],
    wanted: Format,
    *,
    right: Sequence[str] = (),
    ids: Sequence[str] = (),
    may_go: Sequence[str] = (),
) -> None:
    """Rows with these columns; None is an empty cell, and null in JSON.

    A table on a terminal is as wide as that; elsewhere nothing is folded.

    Args:
        right: Columns of numbers, which stay on one line.
        ids: Columns of ids, likewise.
        may_go: Columns that a narrow terminal does without, the least important first. That they went is said.
    """
    match wanted:
        case Format.JSON:
            write_json([{name: row.get(name) for name in columns} for row in rows])
        case Format.CSV:
            write(_csv(rows, columns))
        case Format.MARKDOWN:
            write(_markdown(rows, columns, right))
        case Format.TABLE:
            cells: dict[str, Sequence[str]] = {name: [_in_lines(row.get(name)) for row in rows] for name in columns}
            cells |= {name: align_points(cells[name]) for name in right if name in cells}
            rooms = {name: room_of(name, cells[name], whole=name in {*right, *ids}) for name in columns}
            width = terminal_width()
            widths = lay_out(rooms, width, may_go)
            write(_table({name: cells[name] for name in widths}, widths, right))
            gone = [name for name in columns if name not in widths]
            if gone:
                say(f"Too narrow for: {', '.join(gone)}. A wider terminal, a pipe and --format csv have all.")


def write_beside(rows: Rows, names: Sequence[str], columns: Sequence[str], wanted: Format) -> None:
    """As `write_rows`; what has no room beside the others on a terminal follows in a table below.

    Args:
        names: The columns that each of these tables begins with.
    """
    width = terminal_width() if wanted is Format.TABLE else None
    rooms = {
        name: room_of(name, [_in_lines(row.get(name)) for row in rows], whole=False) for name in (*names, *columns)
    }
    for place, beside in enumerate(in_blocks(rooms, names, width)):
        if place:
            write("\n")
        write_rows(rows, (*names, *beside), wanted)


def terminal_width() -> int | None:
    """Columns of the terminal that data goes to; None: it goes elsewhere, which has no edge to fold at."""
    return Console(file=sys.stdout).width if sys.stdout.isatty() else None


def write_json(value: object) -> None:
    """Indented JSON."""
    write_json_text(msgspec.json.encode(value))


def write_json_text(text: bytes) -> None:
    """JSON that is encoded already, indented."""
    write(msgspec.json.format(text).decode() + "\n")


def write(text: str) -> None:
    """Data, on stdout. A reader that has enough (`| head`) is no failure."""
    with _enough():
        sys.stdout.write(text)
        sys.stdout.flush()


def write_bytes(data: bytes) -> None:
    """As `write`, byte for byte."""
    with _enough():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _enough() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # What is left in the buffer must not be tried again when the interpreter ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def say(text: str) -> None:
    """Words, on stderr."""
    sys.stderr.write(text + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    between = "; " if isinstance(value, Lines) else ", "
    return between.join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _one_line(value: object) -> str:
    """For eyes: control characters of upstream's texts must not steer a terminal."""
    return _CONTROLS.sub(" ", _cell(value))


def _in_lines(value: object) -> str:
    if isinstance(value, Lines) and terminal_width() is not None:
        return "\n".join(map(_one_line, value))
    return _one_line(value)


def _csv(rows: Rows, columns: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def _markdown(rows: Rows, columns: Sequence[str], right: Sequence[str]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells) + " |\n"

    head = line(columns) + line(["---:" if name in right else "---" for name in columns])
    return head + "".join(line([_one_line(row.get(name)) for name in columns]) for row in rows)


def _table(cells: Mapping[str, Sequence[str]], widths: Mapping[str, int], right: Sequence[str]) -> str:
    def placed(name: str, text: str) -> Text:
        lines = fold(text, widths[name]).split("\n")
        # Rich would set numbers to the right without the spaces that align them. Texts are data, never markup.
        return Text("\n".join(line.rjust(widths[name]) if name in right else line for line in lines))

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in widths.items():
        table.add_column(placed(name, name), width=width, no_wrap=True)
    for row in zip(*cells.values(), strict=True):
        table.add_row(*map(placed, cells, row))
    console = Console(file=sys.stdout, width=sum(widths.values()) + GAP * len(widths), highlight=False)
    with console.capture() as captured:
        console.print(table)
    return _TRAILING_SPACES.sub(r"\1", captured.get())
