"""Questions, answers and proofs → docs/guides/twenty-questions.md."""

import inspect
import json
import shlex
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.twenty_questions import proofs
from scripts.twenty_questions.answered import Answered
from scripts.twenty_questions.served import AS_JSON

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "twenty-questions.md"
ABOVE = Path(__file__).with_name("page.md")
"""What stands above the questions."""

SHOWN_ROWS = 4
_SHARED = (proofs.newest, proofs.giving, proofs.price, proofs.plain)
"""What several proofs use."""


def page(answered: Sequence[Answered]) -> str:
    """The whole page."""
    above = ABOVE.read_text(encoding="utf-8").rstrip("\n")
    return "\n".join([above, "", *_shared(), *_contents(answered), *_questions(answered)]) + "\n"


def _shared() -> Iterator[str]:
    yield from _code("python", "\n\n".join(inspect.getsource(each).rstrip() for each in _SHARED))


def _contents(answered: Sequence[Answered]) -> Iterator[str]:
    yield from ("## The questions", "", "| | question | rows of the answer |", "|--:|---|--:|")
    for number, each in enumerate(answered, 1):
        anchor = _anchor(f"{number}. {each.question.words}")
        yield f"| {number} | [{each.question.words}](#{anchor}) | {len(each.rows)} |"
    yield ""


def _questions(answered: Sequence[Answered]) -> Iterator[str]:
    for number, each in enumerate(answered, 1):
        question = each.question
        yield from (f"## {number}. {question.words}", "")
        yield from _code("console", f"$ {question.curl}\n" + "\n".join(map(_line, each.rows[:SHOWN_ROWS])))
        if len(each.rows) > SHOWN_ROWS:
            yield from (f"… and {len(each.rows) - SHOWN_ROWS} more.", "")
        if question.note:
            yield from (*textwrap.wrap(question.note, 120, break_long_words=False, break_on_hyphens=False), "")
        if question.command is not None:
            unlike = ", where `select` is left to jq too" if question.picked.kept else ""
            yield from (f"On the command line{unlike}:", "")
            yield from _code("console", f"$ llmanac {shlex.join((*question.command, *AS_JSON))}")
        yield from ("From the raw lists:", "")
        yield from _code("python", inspect.getsource(question.proof).rstrip())


def _code(language: str, text: str) -> tuple[str, ...]:
    return (f"```{language}", text, "```", "")


def _line(row: Sequence[object]) -> str:
    """As `jq -c` prints it."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _anchor(heading: str) -> str:
    """What a heading is linked by: small letters, digits and dashes for spaces; all else is dropped."""
    return "".join("-" if each == " " else each for each in heading.lower() if each.isalnum() or each in " -_")
