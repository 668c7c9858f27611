"""The answer to a question on the models: which list it means, and what of that it shows."""

from datetime import datetime

import msgspec

from llmanac.answers.list_cursor import ListCursor, refused_cursor, write_list_cursor
from llmanac.answers.list_question import ListQuestion
from llmanac.answers.list_reader import ListReader
from llmanac.answers.list_ref import ListRef, NoSuchList
from llmanac.answers.search_table import SearchTable
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


def list_models(lists: ListReader, question: ListQuestion) -> bytes:
    """The answer's JSON, and nothing kept.

    Raises:
        InvalidParameter: It cannot be asked of this list.
        Unavailable, NoSuchList, StoreError: As `ListReader.find`.
    """
    try:
        list_ref = lists.find(moment_of(question, lists.clock))
    except NoSuchList as problem:
        raise no_list_for(question, problem) from None
    return render_list(lists, question, list_ref, ages_from(question, list_ref, lists.clock))[0]


def render_list(
    lists: ListReader, question: ListQuestion, list_ref: ListRef, now: datetime | None
) -> tuple[bytes, Paged | None]:
    """The answer that a list gives.

    Args:
        now: What ages are counted from; needed only when one is asked for.

    Raises:
        InvalidParameter: `fields` names a member that no model has.
        StoreError: The store cannot be read.
    """
    if question.is_whole:
        return compose(lists.source, lists.rendered(list_ref, question.view), configured=lists.configured), None
    table = lists.search_table(list_ref, removed=question.asks_removed)
    at = now or list_ref.changed_at
    page = search(table.index, question.query, now=at)
    counted = facets(table.index, question.query, question.facets, now=at) if question.facets else None
    models = _picked(table, page.rows, question) if question.fields else _whole(table, page.rows, question.view)
    body = compose(lists.source, models, configured=lists.configured, facets=counted)
    return body, Paged(page.total, page.next_offset)


def _whole(table: SearchTable, rows: tuple[Row, ...], view: View) -> list[tuple[Shown, bytes]]:
    shown = [show(row.model, view, table.removals.get(row.model.id)) for row in rows]
    return [(model, model.whole()) for model in shown]


def _picked(table: SearchTable, rows: tuple[Row, ...], question: ListQuestion) -> list[tuple[Shown, bytes]]:
    # Known is what any model of the list has, so that no filter decides about whether a question is right.
    every = (whole for row in table.index.rows for _, whole in _whole(table, (row,), question.view))
    check_paths(question.fields, every)
    plan = read_plan(question.fields)
    return [(model, pick(whole, plan)) for model, whole in _whole(table, rows, question.view)]


def moment_of(question: ListQuestion, clock: Clock) -> datetime | Serial | None:
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


def no_list_for(question: ListQuestion, problem: NoSuchList) -> NoSuchList:
    """The refusal where there is no list of that moment, in the words of the question."""
    if question.cursor is None:
        return problem
    words = "The list that this cursor goes through is not known any more"
    return NoSuchList(words, problem.extent, hint="Begin again without cursor.")


def ages_from(question: ListQuestion, list_ref: ListRef, clock: Clock) -> datetime | None:
    """What ages are counted from: of an earlier list its instant, else the clock's minute; on all pages the same."""
    if not question.asks_age:
        return None
    if question.cursor is not None:
        return question.cursor.now or list_ref.changed_at
    return list_ref.ages_from(clock())


def page_cursor(question: ListQuestion, list_ref: ListRef, now: datetime | None, offset: int) -> str:
    """The cursor of the page that begins at an offset of this very list."""
    at = None if list_ref.serial == NO_SERIAL else list_ref.removed_by or list_ref.agreed_at
    return write_list_cursor(ListCursor(question.digest, offset, at, now))
