"""How long a command takes on a local store with the bundle, by import and by work: `python -m benchmarks.commands`.

The peer is Python itself, doing nothing. The least of several runs counts: a busy machine only adds.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

_IMPORTED = re.compile(r"^import time: +(?P<own_us>[0-9]+) \|", re.MULTILINE)
_COMMANDS: Mapping[str, Sequence[str]] = {
    "python -c pass": ("-c", "pass"),
    "import llmanac": ("-c", "import llmanac"),
    "llmanac list --limit 3": ("-m", "llmanac.cli.main", "list", "--limit", "3"),
    "llmanac show openai/gpt-4o": ("-m", "llmanac.cli.main", "show", "openai/gpt-4o"),
    "llmanac status": ("-m", "llmanac.cli.main", "status"),
}


def main() -> None:
    """Print a table: whole seconds, those of CPU, and those that imports take of one run that counts them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "LLMANAC_DATA_DIR": directory}
        _run(_COMMANDS["llmanac status"], environment)  # makes the store's tables
        print("| command | wall s | CPU s | imports s |\n|---|---|---|---|")
        for name, arguments in _COMMANDS.items():
            measured = [_run(arguments, environment) for _ in range(runs)]
            wall, cpu = (min(each[place] for each in measured) for place in (0, 1))
            print(f"| `{name}` | {wall:.3f} | {cpu:.3f} | {_import_seconds(arguments, environment):.3f} |")


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds on the wall, and of CPU."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    return seconds, used.ru_utime + used.ru_stime


def _import_seconds(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    program = [sys.executable, "-X", "importtime", *arguments]
    ended = subprocess.run(program, env=environment, capture_output=True, encoding="utf-8", check=True)
    return sum(map(int, _IMPORTED.findall(ended.stderr))) / 1e6


if __name__ == "__main__":
    main()
