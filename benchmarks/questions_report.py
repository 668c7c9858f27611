"""The figures of the questions as tables, and docs/benchmarks-questions.md."""

import sqlite3
import statistics
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.questions_asked import QUESTIONS
from benchmarks.questions_measured import ENGINE, PEERS, PLAIN, SQLITE, Grown
from benchmarks.tables import Table

PAGE = Path(__file__).with_name("questions_page.md").read_text(encoding="utf-8")
TARGETS_MS = ((1_000, 1.0), (100_000, 10.0))
"""The slowest median that is allowed on a list of up to so many models."""

_NOT_USED = frozenset({"nginx", "wrk", "fastapi", "starlette", "pydantic"})
_ANSWERERS = (ENGINE, *PEERS)


def tables(grown: Sequence[Grown]) -> list[Table]:
    """In the order of the report, the targets first."""
    return [_targets(grown), _growth(grown), *(_questions(of_size) for of_size in (grown[0], grown[-1]))]


def _targets(grown: Sequence[Grown]) -> Table:
    rows = []
    for most, target in TARGETS_MS:
        fitting = [of_size for of_size in grown if of_size.models <= most]
        if fitting:
            name, slowest = max(fitting[-1].times[ENGINE].items(), key=lambda pair: pair[1].p50)
            words = f"{fitting[-1].models:,} models: the slowest question's median below {target:g} ms"
            rows.append((words, f"{slowest.p50:.2f} ms ({name})", "yes" if slowest.p50 < target else "no"))
    return Table("Targets", ("target", "measured", "met"), tuple(rows))


def mean_ms(of_size: Grown, who: str) -> float:
    """Over the questions."""
    return statistics.fmean(time.p50 for time in of_size.times[who].values())


def _growth(grown: Sequence[Grown]) -> Table:
    columns = ["models", *(f"{who} ms" for who in _ANSWERERS), *(f"× {peer}" for peer in PEERS)]
    columns += [*(f"{who} built in ms" for who in _ANSWERERS), f"{ENGINE} MB"]
    rows = []
    for of_size in grown:
        means = {who: mean_ms(of_size, who) for who in _ANSWERERS}
        rows.append(
            (
                f"{of_size.models:,}",
                *(f"{mean:.2f}" for mean in means.values()),
                *(f"{means[peer] / means[ENGINE]:.0f}" for peer in PEERS),
                *(f"{of_size.build_ms[who]:,.0f}" for who in _ANSWERERS),
                f"{of_size.memory_mb:.1f}",
            )
        )
    note = "A question: the mean of the medians of the twenty. × says how many times longer the peer takes."
    return Table("Lists that grow", tuple(columns), tuple(rows), note)


def _questions(of_size: Grown) -> Table:
    columns = ["question", "found", "p50 ms", "p99 ms", *(f"{peer} p50 ms" for peer in PEERS), "asked as"]
    rows = []
    for name, text in QUESTIONS.items():
        own = of_size.times[ENGINE][name]
        peers = [f"{of_size.times[peer][name].p50:.2f}" for peer in PEERS]
        rows.append((name, f"{of_size.totals[name]:,}", f"{own.p50:.3f}", f"{own.p99:.3f}", *peers, f"`{text}`"))
    return Table(f"{of_size.models:,} models", tuple(columns), tuple(rows))


def document(
    grown: Sequence[Grown], made: Sequence[Table], *, real: int, rounds: int, peer_rounds: int, command: str
) -> str:
    """The whole page. `made` starts with the targets, which stand on top."""
    lines = [f"    line [{', '.join(f'{mean_ms(of_size, who):.2f}' for of_size in grown)}]" for who in (ENGINE, *PEERS)]
    known = [line for line in machine.description() if line[0] not in _NOT_USED]
    return PAGE.format(
        targets=_markdown(made[0]),
        tables="\n\n".join(_markdown(table) for table in made[1:]),
        engine=ENGINE,
        plain=PLAIN,
        sqlite=SQLITE,
        sizes=", ".join(f'"{of_size.models:,}"' for of_size in grown),
        most=int(max(mean_ms(of_size, who) for of_size in grown for who in _ANSWERERS)) + 1,
        lines="\n".join(lines),
        real=f"{real:,}",
        rounds=rounds,
        peer_rounds=peer_rounds,
        machine="\n".join(f"* {name}: {value}" for name, value in (*known, ("SQLite", sqlite3.sqlite_version))),
        command=command,
    )


def _markdown(table: Table) -> str:
    rule = "|".join([" --- ", *[" ---: "] * (len(table.columns) - 1)])
    lines = [f"| {' | '.join(table.columns)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in table.rows)]
    note = f"\n\n{table.note}" if table.note else ""
    return f"## {table.title}\n\n" + "\n".join(lines) + note
