"""Every question asked, and its answer held against the proof."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from scripts.twenty_questions.lists import Lists
from scripts.twenty_questions.proofs import Rows
from scripts.twenty_questions.question import Json, Question
from scripts.twenty_questions.served import Served


class AnswerDiffersError(Exception):
    """The server, or a command, says something else than the raw lists do."""


@dataclass(frozen=True)
class Answered:
    """A question and all rows of its answer, which are those of the proof."""

    question: Question
    rows: Rows


def ask(questions: Iterable[Question], served: Served, lists: Lists) -> Iterator[Answered]:
    """Ask each by its request, and by its command where it has one.

    Raises:
        AnswerDiffersError: An answer is not what the raw lists say, or says nothing at all.
    """
    for question in questions:
        proved = question.proof(lists)
        rows = _rows(question, served.answer(question), question.target, proved)
        if question.command is not None:
            _rows(question, served.command_answer(question), f"llmanac {' '.join(question.command)}", proved)
        yield Answered(question, rows)


def _rows(question: Question, answer: Json, asked: str, proved: Rows) -> Rows:
    what = f"{question.words}\n{asked}"
    try:
        rows = question.picked.of(answer)
    except TypeError as problem:
        raise AnswerDiffersError(f"{what}\n{problem}") from None
    check(what, rows, proved)
    return rows


def check(what: str, rows: Rows, proved: Rows) -> None:
    """Return if both are the same rows in the same order, of the same kinds, and there are some.

    Raises:
        AnswerDiffersError: They are not. Names the first row that differs.
    """
    for number, (one, other) in enumerate(zip_longest(rows, proved), 1):
        # `repr` tells 1 from True.
        if repr(one) != repr(other):
            raise AnswerDiffersError(f"{what}\nrow {number} of the answer: {one}\nof the raw lists: {other}")
    if not rows:
        raise AnswerDiffersError(f"{what}\nnothing was found, which proves nothing")
