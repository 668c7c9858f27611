"""The command; see the package. Exit codes: 0 printed or written; 1 an answer is wrong; 2 wrong usage or no lists."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from llmanac.logs import configure_logs
from scripts.twenty_questions.answered import AnswerDiffersError, ask
from scripts.twenty_questions.asked import QUESTIONS
from scripts.twenty_questions.lists import files, read
from scripts.twenty_questions.page import PAGE, page
from scripts.twenty_questions.served import served

SNAPSHOTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "snapshots"


def made(folder: Path) -> str:
    """The page, of the lists in a folder.

    Raises:
        ValueError: They are not there.
        AnswerDiffersError: An answer is wrong.
    """
    paths = files(folder)
    with served(paths) as server:
        return page([*ask(QUESTIONS, server, read(paths))])


def main(arguments: Sequence[str] | None = None, target: Path = PAGE) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.twenty_questions", description="Ask, prove, write.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=SNAPSHOTS, help="with the raw lists, or folders of them"
    )
    parser.add_argument("--write", action="store_true", help=f"write docs/guides/{PAGE.name}; else print")
    asked = parser.parse_args(arguments)
    try:
        text = made(asked.folder)
    except ValueError as problem:
        print(f"{problem}\n\nhint: name a folder with the lists. Nothing was written", file=sys.stderr)
        return 2
    except AnswerDiffersError as problem:
        print(f"{problem}\n\nhint: one of the two is wrong. Nothing was written", file=sys.stderr)
        return 1
    if not asked.write:
        print(text, end="")
        return 0
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"docs/guides/{target.name} written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    configure_logs("console", "error", ())
    sys.exit(main())
