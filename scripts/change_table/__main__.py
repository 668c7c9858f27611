"""The command; see the package. Exit codes: 0 printed or written; 2 wrong usage or no lists."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from llmanac.logs import configure_logs
from scripts.change_table.figures import figures
from scripts.change_table.filled import filled, lists_of
from scripts.change_table.page import PAGE, with_made_part
from scripts.change_table.tables import markdown
from scripts.change_table.windows import made_up

SNAPSHOTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "snapshots"


def made(folder: Path) -> str:
    """The Markdown of a folder's lists.

    Raises:
        ValueError: There are none, or one of the files is no list.
    """
    with filled(lists_of(folder)) as found:
        return markdown(figures(found), made_up())


def main(arguments: Sequence[str] | None = None, page: Path = PAGE) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.change_table", description="Count changes by cause.")
    parser.add_argument("folder", nargs="?", type=Path, default=SNAPSHOTS, help="with raw lists of one series")
    parser.add_argument("--write", action="store_true", help=f"write into docs/concepts/{PAGE.name}; else print")
    asked = parser.parse_args(arguments)
    try:
        text = made(asked.folder)
    except ValueError as problem:
        print(f"{problem}\n\nhint: name a folder of lists. Nothing was written", file=sys.stderr)
        return 2
    if not asked.write:
        print(text)
        return 0
    page.write_text(with_made_part(page.read_text(encoding="utf-8"), text), encoding="utf-8", newline="\n")
    print(f"docs/concepts/{page.name} written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    configure_logs("console", "error", ())
    sys.exit(main())
