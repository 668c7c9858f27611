"""Real clients, each in an environment of its own under `.clients` (`make clients`), run as programs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import msgspec

from tests.needed import lacking

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).parent / "programs"
PATIENCE_SECONDS = 120


def client(name: str, program: str, asked: object) -> msgspec.Raw:
    """What a program prints that is asked this, run by the client of that name.

    Skips the test where the client is not installed; under `CI=true` that is a failure.
    """
    home = ROOT / ".clients" / name
    if not (home / ".installed").exists():
        lacking(f"needs the client {name} (make clients)")
    question = json.dumps(asked)
    if program.endswith(".mjs"):
        node = shutil.which("node")
        if node is None:
            lacking("needs node")
        # Read from standard input, a module finds its packages from the directory it runs in.
        command, said, more = (
            [node, "--input-type=module", "-"],
            (PROGRAMS / program).read_text(),
            {"ASKED": question},
        )
    else:
        command, said, more = [str(home / "bin/python"), str(PROGRAMS / program)], question, {}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LANG")}
    ran = subprocess.run(
        command,
        cwd=home,
        env=kept | more,
        input=said,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return msgspec.Raw(ran.stdout.encode())
