"""docs/benchmarks-memory.md, as a run over a year of lists writes it."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.tables import Table
from benchmarks.year_figures import Figures
from benchmarks.year_made import RATES

PAGE = Path(__file__).with_name("year_page.md").read_text(encoding="utf-8")
_NOT_USED = frozenset({"nginx", "wrk", "fastapi", "starlette", "pydantic"})

REAL = """\
The lists are those of OpenRouter of summer 2026, of every modality: {lists} lists, mostly a day apart, with 437 models
on average. For the size of October 2026 some of the models have a twin with prices, figures and texts of its own, that
changes as the model does, but in other hours: {models:.0f} models in a list on average."""
MADE = """\
The lists are made up from the bundled catalogue: {models:.0f} models on average. Every day as many of 1,000 models
differ as did in the real series of summer 2026 (48 lists of every modality): {rates}."""


def document(
    figures: Figures,
    made: Sequence[Table],
    *,
    windowed: int,
    arenas_per_day: int,
    command: str,
    pinning: str,
) -> str:
    """The whole page. `made` starts with the targets, which stand on top."""
    filled = figures.filled
    origin = (REAL if figures.is_real else MADE).format(
        lists=figures.series_lists,
        models=filled.models / filled.lists,
        rates=", ".join(f"{name} {rate}" for name, rate in RATES.items()),
    )
    arena = f" Here all of them come anew {arenas_per_day} times a day." if arenas_per_day else ""
    return PAGE.format(
        targets=_markdown(made[0]),
        tables="\n\n".join(_markdown(table) for table in made[1:]),
        lists=filled.lists,
        begin=f"{filled.begin:%Y-%m-%d %H:%M}",
        end=f"{filled.end:%Y-%m-%d %H:%M}",
        origin=origin,
        windowed=windowed,
        arena=arena,
        pinning=pinning,
        machine="\n".join(f"* {name}: {value}" for name, value in _about()),
        command=command,
        move="" if figures.move_s is None else f", here in {figures.move_s:.0f} s, comparing included",
    )


def _about() -> list[tuple[str, str]]:
    known = [line for line in machine.description() if line[0] not in _NOT_USED]
    return [*known, ("SQLite", sqlite3.sqlite_version)]


def _markdown(table: Table) -> str:
    rule = "|".join([" --- ", *[" ---: "] * (len(table.columns) - 1)])
    lines = [f"| {' | '.join(table.columns)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in table.rows)]
    note = f"\n\n{table.note}" if table.note else ""
    return f"## {table.title}\n\n" + "\n".join(lines) + note
