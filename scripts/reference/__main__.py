"""The command; see the package."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from llmanac.logs import configure_logs
from scripts.reference.commands import commands_page
from scripts.reference.fields import fields_page
from scripts.reference.http import http_page
from scripts.reference.layers import layers_page
from scripts.reference.settings import settings_page

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "http.md": http_page,
    "fields.md": fields_page,
    "layers.md": layers_page,
}


def main(arguments: Sequence[str] | None = None, reference: Path = REFERENCE) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.reference", description="Make docs/reference.")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the pages that are there")
    asked = parser.parse_args(arguments)
    pages = {name: make() for name, make in PAGES.items()}
    stale = [name for name, text in pages.items() if not _is_current(reference / name, text)]
    if asked.check:
        return _report(stale)
    reference.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (reference / name).write_text(pages[name], encoding="utf-8", newline="\n")
        print(f"docs/reference/{name} written", file=sys.stderr)
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_bytes() == text.encode()


def _report(stale: Sequence[str]) -> int:
    for name in stale:
        print(f"docs/reference/{name} is not what the code says", file=sys.stderr)
    if stale:
        print("\nhint: make docs", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    configure_logs("console", "error", ())
    sys.exit(main())
