"""Asks the other libraries in environments of their own, compares, and prints or writes the tables."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from llmanac.pricing.rate_card import RateCard, rate_card
from llmanac.sync.load import bundled_catalogue
from scripts.cost_comparison.cases import CASES, RATES, question
from scripts.cost_comparison.compare import Totals, compare
from scripts.cost_comparison.page import page

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / ".clients"
DOCUMENT = ROOT / "docs" / "benchmarks-cost.md"
MARK = "<!-- below: python -m scripts.cost_comparison -->"
"""What stands above it on the page is the benchmark's."""
LIBRARIES = {"genai-prices": "ask_genai_prices.py", "litellm": "ask_litellm.py"}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 2 when a library is not there."""
    given = _parser().parse_args(arguments)
    served = bundled_catalogue()
    assert served is not None, "the list is part of the package"
    cards = [rate_card(model) for model in served.snapshot.models if model.gives_text]
    asked, versions = {}, {}
    for library, script in LIBRARIES.items():
        python: Path = getattr(given, library.replace("-", "_"))
        if not python.exists():
            sys.stderr.write(f"{library} is not there: `make clients`, or --{library} PYTHON with one that has it\n")
            return 2
        versions[library], asked[library] = _ask(python, script, cards)
    common = [card for card in cards if any(_priced(card, totals) for totals in asked.values())]
    text = page(
        {library: compare(common, totals) for library, totals in asked.items()},
        versions,
        models=len(common),
        day=f"{served.changed_at:%Y-%m-%d}",
    )
    if given.write:
        above = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0] if DOCUMENT.exists() else ""
        DOCUMENT.write_text(f"{above}{MARK}\n\n{text}", encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m scripts.cost_comparison", description="Prices side by side.")
    for library in LIBRARIES:
        known = CLIENTS / library / "bin" / "python"
        made.add_argument(f"--{library}", type=Path, default=known, metavar="PYTHON", help=f"a Python with {library}")
    made.add_argument("--write", action="store_true", help=f"write the second part of docs/{DOCUMENT.name}")
    return made


def _ask(python: Path, script: str, cards: Sequence[RateCard]) -> tuple[str, Totals]:
    keys = [(card.id, name) for card in cards for name in (*(case.name for case in CASES), *RATES)]
    workloads = {case.name: case.workload for case in CASES} | dict(RATES)
    questions = [question(model, workloads[name]) for model, name in keys]
    command = [str(python), str(Path(__file__).with_name(script))]
    done = subprocess.run(
        command, input=json.dumps(questions), stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True
    )
    version, totals = json.loads(done.stdout)
    return version, dict(zip(keys, totals, strict=True))


def _priced(card: RateCard, totals: Totals) -> bool:
    return totals[card.id, CASES[0].name] is not None


if __name__ == "__main__":
    sys.exit(main())
