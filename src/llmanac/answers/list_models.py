"""The answer to a question on the models: which list it means, and what of that it shows."""

from datetime import datetime

import msgspec

from llmanac.answers.list_cursor import ListCursor, refused_cursor, write_list_cursor
from llmanac.answers.list_question import Question
from llmanac.answers.list_reader import Past
from llmanac.answers.list_ref import NoListThen, Then
from llmanac.answers.search_table import Sought
from llmanac.catalogue.ids import NO_SERIAL, Serial
from llmanac.clock import Clock
from llmanac.query.facets import facets
from llmanac.query.row import Row
from llmanac.query.search import search
from llmanac.render.answer import compose
from llmanac.render.listing import Shown, View, show
from llmanac.render.picked import check_paths, pick, read_plan


class Paged(msgspec.Struct, frozen=True):
    """How many models a question finds, and where the next page of them begins, if there is one."""

    total: int
    next_offset: int | None = None


def list_models(past: Past, question: Question) -> bytes:
    """The answer's JSON, and nothing kept.

    Raises:
        InvalidParameter: It cannot be asked of this list.
        Unavailable, NoListThen, StoreError: As `Past.find`.
    """
    try:
        then = past.find(moment_of(question, past.clock))
    except NoListThen as problem:
        raise no_list_for(question, problem) from None
    return render_question(past, question, then, ages_from(question, then, past.clock))[0]


def render_question(past: Past, question: Question, then: Then, now: datetime | None) -> tuple[bytes, Paged | None]:
    """The answer that a list gives.

    Args:
        now: What ages are counted from; needed only when one is asked for.

    Raises:
        InvalidParameter: `fields` names a member that no model has.
        StoreError: The store cannot be read.
    """
    if question.is_whole:
        return compose(past.source, past.shown(then, question.view), configured=past.configured), None
    sought = past.sought(then, removed=question.asks_removed)
    at = now or then.changed_at
    page = search(sought.index, question.query, now=at)
    counted = facets(sought.index, question.query, question.facets, now=at) if question.facets else None
    models = _picked(sought, page.rows, question) if question.fields else _whole(sought, page.rows, question.view)
    body = compose(past.source, models, configured=past.configured, facets=counted)
    return body, Paged(page.total, page.next_offset)


def _whole(sought: Sought, rows: tuple[Row, ...], view: View) -> list[tuple[Shown, bytes]]:
    shown = [show(row.model, view, sought.removals.get(row.model.id)) for row in rows]
    return [(model, model.whole()) for model in shown]


def _picked(sought: Sought, rows: tuple[Row, ...], question: Question) -> list[tuple[Shown, bytes]]:
    # Known is what any model of the list has, so that no filter decides about whether a question is right.
    every = (whole for row in sought.index.rows for _, whole in _whole(sought, (row,), question.view))
    check_paths(question.fields, every)
    plan = read_plan(question.fields)
    return [(model, pick(whole, plan)) for model, whole in _whole(sought, rows, question.view)]


def moment_of(question: Question, clock: Clock) -> datetime | Serial | None:
    """The moment whose list is meant; None is the one that is served.

    Raises:
        InvalidParameter: The cursor is of a list that nobody can have had yet.
    """
    cursor = question.cursor
    if cursor is None:
        return question.at
    if cursor.at is not None and cursor.at > clock():
        raise refused_cursor("one of a list that was had, got one of the future")
    return NO_SERIAL if cursor.at is None else cursor.at


def no_list_for(question: Question, problem: NoListThen) -> NoListThen:
    """The refusal where there is no list of that moment, in the words of the question."""
    if question.cursor is None:
        return problem
    words = "The list that this cursor goes through is not known any more"
    return NoListThen(words, problem.extent, hint="Begin again without cursor.")


def ages_from(question: Question, then: Then, clock: Clock) -> datetime | None:
    """What ages are counted from: of an earlier list its instant, else the clock's minute; on all pages the same."""
    if not question.asks_age:
        return None
    if question.cursor is not None:
        return question.cursor.now or then.changed_at
    return then.ages_from(clock())


def page_cursor(question: Question, then: Then, now: datetime | None, offset: int) -> str:
    """The cursor of the page that begins at an offset of this very list."""
    at = None if then.serial == NO_SERIAL else then.removed_by or then.agreed_at
    return write_list_cursor(ListCursor(question.digest, offset, at, now))
