"""`python -m benchmarks.run`: llmanac, nginx and FastAPI side by side; tables on stdout, words on stderr.

Exit codes: 0 measured, whatever the figures are; 1 a server failed or answered wrong; 2 something to measure with
is missing.
"""

import argparse
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks import load, machine, peers, proc, report, start, subject, sync_delay, upstream
from benchmarks.ask import Answer
from benchmarks.calm import least_disturbed
from benchmarks.cores import Cores, choose
from benchmarks.errors import BenchmarkError, ServerFailedError, ToolMissingError
from benchmarks.figures import Figures
from benchmarks.load import CASES, GZIP, IDENTITY, OWN_CASES, Case
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.server import Recipe, Server, first_200, free_port, running
from benchmarks.tables import tables

BUNDLE = peers.ROOT / "src" / "llmanac" / "data" / "openrouter.json"
DOCUMENT = peers.ROOT / "docs" / "benchmarks.md"
WORDS = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    given = _parser().parse_args(arguments)
    # Ended from outside, the run still stops its servers.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    scale = QUICK if given.quick else FULL
    if given.seconds:
        scale = scale.lasting(given.seconds)
    cores = choose()
    try:
        machine.require_linux()
        about = machine.description()
        figures = _measured(scale, cores, given.catalogue, given.llmanac)
    except BenchmarkError as error:
        WORDS.print(f"{error}", markup=False)
        return error.exit_code
    made = tables(figures)
    report.show(made, Console(width=None if sys.stdout.isatty() else 160))
    if given.write:
        page = report.document(figures, made, about, scale, command=_command(given), pinning=cores.note)
        DOCUMENT.write_text(page, encoding="utf-8")
    return 0


def _command(given: argparse.Namespace) -> str:
    """The command as the page names it: a file by its name only, for a path says nothing elsewhere."""
    parts = ["python -m benchmarks.run --write"]
    if given.quick:
        parts.append("--quick")
    if given.seconds:
        parts.append(f"--seconds {given.seconds}")
    if given.catalogue != BUNDLE:
        parts.append(f"--catalogue {given.catalogue.name}")
    return " ".join(parts)


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.run", description="llmanac, nginx and FastAPI side by side."
    )
    made.add_argument(
        "--seconds", type=_seconds, metavar="N", help=f"length of each measurement of full load ({FULL.seconds})"
    )
    made.add_argument("--quick", action="store_true", help="everything once and short, to see that it runs")
    made.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    made.add_argument(
        "--catalogue",
        type=Path,
        default=BUNDLE,
        metavar="FILE",
        help="what the upstream serves (the bundled catalogue)",
    )
    made.add_argument("--llmanac", metavar="PROGRAM", help="the llmanac to measure (the one beside this Python)")
    return made


def _seconds(text: str) -> int:
    """Wrk counts whole seconds."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of seconds from 1, got {text!r}")
    return int(text)


def _measured(scale: Scale, cores: Cores, catalogue: Path, program: str | None) -> Figures:
    """Everything, in servers and folders that are gone afterwards."""
    if not catalogue.exists():
        raise ToolMissingError(f"{catalogue.name} is not there; make bundle makes it, --catalogue names another list")
    models = upstream.read_catalogue(catalogue)
    figures = Figures(len(models))
    with tempfile.TemporaryDirectory(prefix="llmanac-benchmarks-") as name:
        folder = Path(name)
        upstream_recipe = _upstream_at(folder / "upstream", catalogue)
        recipe = subject.recipe(folder / "llmanac", secrets.token_urlsafe(24), upstream_recipe.port, program)
        with running(upstream_recipe, cores.rest) as source:
            first_200(source)
            with running(recipe, cores.server) as llmanac:
                WORDS.print("waiting until llmanac serves the upstream's list ...")
                identity = subject.settle(llmanac, models)
                recipes = _full_load(figures, llmanac, identity, folder=folder, scale=scale, cores=cores)
                WORDS.print("answers at a fixed rate, without and during syncs ...")
                figures.sync_delay = sync_delay.measure(llmanac, scale, cores)
                figures.memory_after_syncs = proc.memory(llmanac.process.pid)
        WORDS.print("starts ...")
        figures.starts = {one.name: start.measure(one, scale.starts, cores) for one in (recipe, *recipes)}
    return figures


def _upstream_at(folder: Path, catalogue: Path) -> Recipe:
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.upstream", f"{port}", f"{catalogue.resolve()}"]
    return Recipe(
        "upstream", command, {**os.environ, "PYTHONPATH": f"{peers.ROOT}"}, port, {}, folder, upstream.MODELS_PATH
    )


def _full_load(
    figures: Figures, llmanac: Server, identity: Answer, *, folder: Path, scale: Scale, cores: Cores
) -> tuple[Recipe, Recipe]:
    """Fills in load, sizes and memory; the recipes of the peers, which have been stopped."""
    headers = llmanac.recipe.headers
    gzipped = load.checked(llmanac, GZIP, identity.body)
    recipes = (
        peers.nginx(folder / "nginx", identity, gzipped, headers),
        peers.fastapi(folder / "fastapi", identity, headers),
    )
    with ExitStack() as stack:
        servers = [llmanac, *(stack.enter_context(running(recipe, cores.server)) for recipe in recipes)]
        for server in servers:
            first_200(server)
            for case in CASES:
                load.checked(server, case, identity.body)
        for case in (IDENTITY, GZIP, *OWN_CASES):
            figures.sizes[case.coding] = len(load.checked(llmanac, case, identity.body).body)
        for case in CASES:
            figures.load |= _repeated(servers, case, identity.body, scale, cores)
        for case in OWN_CASES:
            figures.load |= _repeated([llmanac], case, identity.body, scale, cores)
        for server in servers:
            if server.process.poll() is not None:
                raise ServerFailedError(f"{server.recipe.name} stopped during the measurements")
            figures.memory[server.recipe.name] = proc.memory(server.process.pid)
    return recipes


def _repeated(
    servers: Sequence[Server], case: Case, expected: bytes, scale: Scale, cores: Cores
) -> dict[tuple[str, str], load.Measurement]:
    """The servers take turns, so that a change of the machine's mood meets all of them."""
    found: dict[str, list[load.Measurement]] = {server.recipe.name: [] for server in servers}
    for repetition in range(scale.repetitions):
        WORDS.print(f"full load, {case.name}, {repetition + 1} of {scale.repetitions} ...")
        for server in servers:
            if scale.warm_up:
                load.measure(server, case, expected, 1, cores)
            measure = partial(load.measure, server, case, expected, scale.seconds, cores)
            measured, foreign = least_disturbed(measure, scale.patience, cores)
            found[server.recipe.name].append(replace(measured, foreign=foreign))
    return {(case.name, name): load.middle(measurements) for name, measurements in found.items()}


if __name__ == "__main__":
    sys.exit(main())
