"""What the figures were measured on and with: kinds and versions, nothing that names a place."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.errors import ToolMissingError
from benchmarks.peers import executable

PACKAGES = ("llmanac", "uvicorn", "uvloop", "httptools", "fastapi", "starlette", "pydantic")


def require_linux() -> None:
    """Returns when this is Linux.

    Raises:
        ToolMissingError: there is no /proc to read CPU time and memory from.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        raise ToolMissingError("the benchmarks read CPU time and memory from Linux's /proc; this system has none")


def description() -> list[tuple[str, str]]:
    """What and which, in the order of the report."""
    return [
        ("date", f"{datetime.now(UTC):%Y-%m-%d}"),
        ("CPU", f"{_cpu_model()}, {os.cpu_count()} cores"),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("nginx", _printed_version("nginx", "nginx-light")),
        ("wrk", _printed_version("wrk", "wrk")),
        *((package, version(package)) for package in PACKAGES),
    ]


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _printed_version(program: str, package: str) -> str:
    """The first version number that `program -v` prints; wrk exits with 1 after it."""
    run = subprocess.run(
        [executable(program, package), "-v"], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    number = re.search(r"\d+(\.\d+)+", run.stdout + run.stderr)
    return number[0] if number else "unknown"
