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
_NO_EDGE = 100_000

Rows = Sequence[Mapping[str, object]]


def write_rows(
    rows: Rows, columns: Sequence[str], wanted: Format, *, right: Sequence[str] = (), piped_width: int = _NO_EDGE
) -> None:
    """Rows with these columns; None is an empty cell, and null in JSON.

    Args:
        right: Columns of numbers.
        piped_width: How wide a table is at most where there is no terminal whose width it takes.
    """
    match wanted:
        case Format.JSON:
            write_json([{name: row.get(name) for name in columns} for row in rows])
        case Format.CSV:
            write(_csv(rows, columns))
        case Format.MARKDOWN:
            write(_markdown(rows, columns, right))
        case Format.TABLE:
            write(_table(rows, columns, right, piped_width))


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
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _one_line(value: object) -> str:
    """For eyes: control characters of upstream's texts must not steer a terminal."""
    return _CONTROLS.sub(" ", _cell(value))


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


def _table(rows: Rows, columns: Sequence[str], right: Sequence[str], piped_width: int) -> str:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        # Texts come from upstream: they are data, never markup.
        table.add_row(*[Text(_one_line(row.get(name))) for name in columns])
    # A pipe has no edge of its own to fold at.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else piped_width, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get()
