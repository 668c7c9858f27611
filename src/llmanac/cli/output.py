"""Data on stdout in four formats; words on stderr."""

import csv
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table


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

Rows = Sequence[Mapping[str, object]]


def write_rows(rows: Rows, columns: Sequence[str], wanted: Format, *, right: Sequence[str] = ()) -> None:
    """Rows with these columns; None is an empty cell, and null in JSON.

    Args:
        right: Columns of numbers.
    """
    match wanted:
        case Format.JSON:
            write_json([{name: row.get(name) for name in columns} for row in rows])
        case Format.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
        case Format.MARKDOWN:
            _write_markdown(rows, columns, right)
        case Format.TABLE:
            _write_table(rows, columns, right)


def write_json(value: object) -> None:
    """Indented JSON."""
    write_json_text(msgspec.json.encode(value))


def write_json_text(text: bytes) -> None:
    """JSON that is encoded already, indented."""
    sys.stdout.write(msgspec.json.format(text).decode() + "\n")


def say(text: str) -> None:
    """Words, on stderr."""
    sys.stderr.write(text + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _write_markdown(rows: Rows, columns: Sequence[str], right: Sequence[str]) -> None:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"

    sys.stdout.write(line(columns))
    sys.stdout.write(line(["---:" if name in right else "---" for name in columns]))
    for row in rows:
        sys.stdout.write(line([_cell(row.get(name)) for name in columns]))


def _write_table(rows: Rows, columns: Sequence[str], right: Sequence[str]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        # Texts come from upstream: they are data, never markup.
        table.add_row(*[_cell(row.get(name)).replace("[", "\\[") for name in columns])
    width = None if sys.stdout.isatty() else 200
    Console(file=sys.stdout, width=width, highlight=False).print(table)
