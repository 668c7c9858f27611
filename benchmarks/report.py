"""The tables on the terminal, and docs/benchmarks.md."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.ask import MODELS_PATH
from benchmarks.calm import LIMIT
from benchmarks.figures import Figures
from benchmarks.load import CONNECTIONS
from benchmarks.peers import NGINX_CONFIGURATION
from benchmarks.scale import Scale
from benchmarks.sync_delay import CODINGS, PER_SECOND
from benchmarks.sync_delay import CONNECTIONS as FIXED_RATE_CONNECTIONS
from benchmarks.tables import Table

PAGE = Path(__file__).with_name("page.md").read_text(encoding="utf-8")


def show(made: Sequence[Table], console: Console) -> None:
    """Prints them, each with its note below."""
    for table in made:
        shown = RichTable(title=table.title, title_justify="left")
        for number, column in enumerate(table.columns):
            shown.add_column(column, justify="left" if number == 0 else "right")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown, f"{table.note}\n" if table.note else "", highlight=False)


def _markdown(table: Table) -> str:
    rule = "|".join([" --- ", *[" ---: "] * (len(table.columns) - 1)])
    lines = [f"| {' | '.join(table.columns)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in table.rows)]
    note = f"\n\n{table.note}" if table.note else ""
    return f"## {table.title}\n\n" + "\n".join(lines) + note


def document(
    figures: Figures,
    made: Sequence[Table],
    machine: Sequence[tuple[str, str]],
    scale: Scale,
    *,
    command: str,
    pinning: str,
) -> str:
    """The whole page. `made` starts with the targets, which stand on top."""
    return PAGE.format(
        targets=_markdown(made[0]),
        tables="\n\n".join(_markdown(table) for table in made[1:]),
        path=MODELS_PATH,
        models=figures.models,
        sizes=", ".join(f"{size:,} bytes as {coding}" for coding, size in figures.sizes.items()),
        pinning=pinning,
        connections=CONNECTIONS,
        scale=scale,
        limit=LIMIT,
        warm_up=", each after a second of warm-up" if scale.warm_up else "",
        rate=PER_SECOND,
        fixed_connections=FIXED_RATE_CONNECTIONS,
        codings=", ".join(CODINGS),
        machine="\n".join(f"* {name}: {value}" for name, value in machine),
        command=command,
        nginx=NGINX_CONFIGURATION.format(
            user="",
            authorization="Bearer …",
            port="PORT",
            path=MODELS_PATH,
            folder="FOLDER",
            headers="# add_header: as llmanac answered",
        ),
    )
