"""`python -m benchmarks.questions`: twenty questions on the real list and on made-up ones up to 100,000 models.

Tables on stdout, words on stderr. Exit codes as of `benchmarks.run`.
"""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from benchmarks import peers, report
from benchmarks.errors import BenchmarkError
from benchmarks.questions_lists import made_rows, real_rows
from benchmarks.questions_measured import measured
from benchmarks.questions_report import document, tables

SIZES = (3_000, 10_000, 30_000, 100_000)
QUICK_SIZES = (1_500,)
ROUNDS, PEER_ROUNDS = 200, 9
QUICK_ROUNDS = 5
DOCUMENT = peers.ROOT / "docs" / "benchmarks-questions.md"
WORDS = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write docs/{DOCUMENT.name}")
    parser.add_argument("--quick", action="store_true", help="small lists and few rounds: does it run?")
    given = parser.parse_args(arguments)
    rounds, peer_rounds = (QUICK_ROUNDS, QUICK_ROUNDS) if given.quick else (ROUNDS, PEER_ROUNDS)
    real = real_rows()
    grown = []
    try:
        for size in (len(real), *(QUICK_SIZES if given.quick else SIZES)):
            WORDS.print(f"{size:,} models …", markup=False)
            grown.append(measured(made_rows(real, size), rounds, peer_rounds))
    except BenchmarkError as error:
        WORDS.print(f"{error}", markup=False)
        return error.exit_code
    made = tables(grown)
    report.show(made, Console(width=None if sys.stdout.isatty() else 200))
    if given.write:
        command = f"python -m benchmarks.questions --write{' --quick' if given.quick else ''}"
        page = document(grown, made, real=len(real), rounds=rounds, peer_rounds=peer_rounds, command=command)
        DOCUMENT.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
