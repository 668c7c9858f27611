"""`python -m benchmarks.cost`: quoting every model, and a file of a million calls against litellm in the same run.

Tables on stdout, words on stderr. Exit codes as of `benchmarks.run`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from benchmarks import machine, peers, report
from benchmarks.cost_calls import write_agent_calls, write_calls
from benchmarks.errors import BenchmarkError, ToolMissingError, WrongAnswerError
from benchmarks.tables import Table
from llmanac import clock
from llmanac.catalogue.catalogue import Catalogue
from llmanac.cost.quote import quote
from llmanac.cost.workload import Workload
from llmanac.pricing.rate_card import rate_card
from llmanac.sync.load import bundled_catalogue

LITELLM = peers.ROOT / ".clients" / "litellm" / "bin" / "python"
DOCUMENT = peers.ROOT / "docs" / "benchmarks-cost.md"
PAGE = Path(__file__).with_name("cost_page.md").read_text(encoding="utf-8")
TARGET = 20
"""Lines of a usage file in the time that litellm takes for one."""
ROUNDS = 5
MARK = "<!-- below: python -m scripts.cost_comparison -->"
"""What follows it on the page is another script's."""
WORDS = Console(stderr=True, highlight=False)


class Priced(NamedTuple):
    """A usage file as the command prices it, from start to end of its process."""

    lines: int
    megabytes: float
    seconds: float
    cpu_seconds: float
    peak_megabytes: float


class Figures(NamedTuple):
    """What was measured."""

    models: int
    cards_ms: float
    quotes_ms: float
    small: Priced
    large: Priced
    agents: Priced
    """Lines of another shape, as many as of the small file."""
    litellm_version: str
    litellm_calls: int
    litellm_us: float
    common_models: int

    @property
    def ours_us(self) -> float:
        """Microseconds for each line beyond those of the small file, so without the start of the process."""
        return (self.large.seconds - self.small.seconds) / (self.large.lines - self.small.lines) * 1e6

    @property
    def whole_us(self) -> float:
        """Microseconds for each line of the large file, with the start of the process."""
        return self.large.seconds / self.large.lines * 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    given = _parser().parse_args(arguments)
    try:
        machine.require_linux()
        with tempfile.TemporaryDirectory(prefix="llmanac-cost-") as scratch:
            figures = _measured(Path(scratch), given)
    except BenchmarkError as error:
        WORDS.print(f"{error}", markup=False)
        return error.exit_code
    tables = _tables(figures)
    report.show(tables, Console(width=None if sys.stdout.isatty() else 160))
    if given.write:
        _write(figures, tables, "python -m benchmarks.cost --write" + (" --quick" if given.quick else ""))
    return 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.cost", description="Quotes and usage files: how fast.")
    made.add_argument("--quick", action="store_true", help="100,000 lines instead of a million")
    made.add_argument("--litellm", type=Path, default=LITELLM, metavar="PYTHON", help="a Python that has litellm")
    made.add_argument("--write", action="store_true", help=f"write docs/{DOCUMENT.name}")
    return made


def _measured(scratch: Path, given: argparse.Namespace) -> Figures:
    if not given.litellm.exists():
        raise ToolMissingError("litellm is not there: `make clients`, or --litellm PYTHON with one that has it")
    served = bundled_catalogue()
    if served is None:
        raise ToolMissingError("there is no bundled list to price by")
    cards_ms, quotes_ms = _quoting(served)
    ids, small, large = scratch / "ids.json", scratch / "small.jsonl", scratch / "calls.jsonl"
    text_models = [model.id for model in served.snapshot.models if model.gives_text and not model.gives_images]
    ids.write_text(json.dumps(text_models), encoding="utf-8")
    lines = 100_000 if given.quick else 1_000_000
    command = [str(given.litellm), str(Path(__file__).with_name("cost_litellm.py")), str(ids), str(large)]
    calls = min(lines, 100_000)
    with subprocess.Popen([*command, str(calls)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        version, common = json.loads(peer.stdout.readline() or "[null, []]")
        if not common:
            raise ToolMissingError("litellm prices none of the models")
        since = int(served.changed_at.timestamp())
        WORDS.print(f"writing {lines:,} calls of {len(common)} models ...")
        write_calls(small, common, lines // 10, since=since)
        write_calls(large, common, lines, since=since)
        few, all_of_them = _priced(scratch, small, lines // 10), _priced(scratch, large, lines)
        write_agent_calls(small, [each for each in common if each.startswith("anthropic/")], lines // 10, since=since)
        agents = _priced(scratch, small, lines // 10)
        WORDS.print("litellm ...")
        peer.stdin.write("\n")
        peer.stdin.close()
        seconds, called = json.loads(peer.stdout.readline())
    return Figures(
        models=len(served.snapshot.models),
        cards_ms=cards_ms,
        quotes_ms=quotes_ms,
        small=few,
        large=all_of_them,
        agents=agents,
        litellm_version=version,
        litellm_calls=called,
        litellm_us=seconds / called * 1e6,
        common_models=len(common),
    )


def _quoting(served: Catalogue) -> tuple[float, float]:
    """Milliseconds for the cards of all models, and for a quote of each; the best of some rounds."""
    workload = Workload(requests=1000, prompt_tokens=1800, cache_read_tokens=500, completion_tokens=400)
    cards, quotes, now = [], [], clock.now()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        made = [rate_card(model) for model in served.snapshot.models]
        cards.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for card in made:
            quote(card, workload, now=now)
        quotes.append(time.perf_counter() - begun)
    return min(cards) * 1000, min(quotes) * 1000


def _priced(scratch: Path, file: Path, lines: int) -> Priced:
    """`llmanac cost --usage` in a process of its own, on an empty store: the prices are the bundle's."""
    command = [str(Path(sys.executable).with_name("llmanac")), "cost", "--usage", str(file), "--format", "json"]
    environment = os.environ | {"LLMANAC_DATA_DIR": str(scratch / "data"), "LLMANAC_OFFLINE": "true"}
    WORDS.print(f"llmanac, {lines:,} lines ...")
    begun = time.perf_counter()
    with (scratch / "report.json").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    found = json.loads((scratch / "report.json").read_bytes() or b"{}")
    if found.get("lines") != lines or found["bad_lines"] or found["unpriced_calls"]:
        raise WrongAnswerError(f"llmanac cost --usage ended with {process.returncode} and did not price every line")
    return Priced(lines, file.stat().st_size / 1e6, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _tables(figures: Figures) -> list[Table]:
    ratio = figures.litellm_us / figures.whole_us
    return [
        Table(
            "Target",
            ("", "wanted", "measured", ""),
            (
                (
                    "lines of a usage file in the time of one `litellm.cost_per_token`",
                    f"{TARGET} or more",
                    f"{ratio:.1f}",
                    "met" if ratio >= TARGET else "missed",
                ),
            ),
        ),
        Table(
            "A file of calls",
            ("", "lines", "MB", "seconds", "CPU s", "µs per line", "lines per second", "peak MB"),
            (
                *(
                    _row(f"`llmanac cost --usage`, {each.lines:,} lines", each)
                    for each in (figures.small, figures.large)
                ),
                ("… each line more", "", "", "", "", f"{figures.ours_us:.2f}", f"{1e6 / figures.ours_us:,.0f}", ""),
                _row(f"a coding agent's log, {figures.agents.lines:,} lines", figures.agents),
                (
                    f"`litellm.cost_per_token`, litellm {figures.litellm_version}",
                    f"{figures.litellm_calls:,}",
                    "",
                    f"{figures.litellm_calls * figures.litellm_us / 1e6:.2f}",
                    "",
                    f"{figures.litellm_us:.2f}",
                    f"{1e6 / figures.litellm_us:,.0f}",
                    "",
                ),
            ),
            "Of llmanac everything from the start of the process to its end counts: reading, decoding, prices by time,"
            " the report. Of litellm only the calls count, on numbers that are decoded already.",
        ),
        Table(
            "One workload at every model",
            ("", "models", "ms", "µs per model"),
            tuple(
                (words, f"{figures.models}", f"{taken:.1f}", f"{taken / figures.models * 1000:.1f}")
                for words, taken in (
                    ("reading the prices (once per list)", figures.cards_ms),
                    ("quoting, itemised", figures.quotes_ms),
                )
            ),
        ),
    ]


def _row(words: str, priced: Priced) -> tuple[str, ...]:
    return (
        words,
        f"{priced.lines:,}",
        f"{priced.megabytes:.1f}",
        f"{priced.seconds:.2f}",
        f"{priced.cpu_seconds:.2f}",
        f"{priced.seconds / priced.lines * 1e6:.2f}",
        f"{priced.lines / priced.seconds:,.0f}",
        f"{priced.peak_megabytes:.0f}",
    )


def _write(figures: Figures, tables: Sequence[Table], command: str) -> None:
    """The page; what another script wrote below the mark stays."""
    known = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    below = known.partition(MARK)[2]
    told = {"nginx", "wrk", "uvicorn", "uvloop", "httptools", "fastapi", "starlette", "pydantic"}
    page = PAGE.format(
        targets=_markdown(tables[0]),
        tables="\n\n".join(map(_markdown, tables[1:])),
        common=figures.common_models,
        command=command,
        machine="\n".join(f"* {name}: {value}" for name, value in machine.description() if name not in told),
    )
    DOCUMENT.write_text(f"{page.rstrip()}\n\n{MARK}{below or chr(10)}", encoding="utf-8")


def _markdown(table: Table) -> str:
    rule = "|".join([" --- ", *[" ---: "] * (len(table.columns) - 1)])
    lines = [f"| {' | '.join(table.columns)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in table.rows)]
    note = f"\n\n{table.note}" if table.note else ""
    return f"## {table.title}\n\n" + "\n".join(lines) + note


if __name__ == "__main__":
    sys.exit(main())
