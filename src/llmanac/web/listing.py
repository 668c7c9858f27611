"""The answer to a question on the catalogue's endpoint: which list it means, and what of that it shows."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlencode

from llmanac.catalogue.ids import NO_SERIAL, Serial
from llmanac.query.facets import facets
from llmanac.query.fields import LISTING_FIELDS
from llmanac.query.row import Row
from llmanac.query.search import search
from llmanac.render.answer import compose
from llmanac.render.listing import Shown, View, show
from llmanac.render.picked import check_paths, pick, read_plan
from llmanac.sync.current import Ready
from llmanac.web.answers import Coded, Headers, Paged
from llmanac.web.known import NoListThen, Then
from llmanac.web.list_cursor import ListCursor, refused_cursor, write_list_cursor
from llmanac.web.negotiate import Coding
from llmanac.web.past import Made, Past
from llmanac.web.question import Question
from llmanac.web.rows import Sought

_UNESCAPED = ",:/~"


async def answer_question(
    past: Past[Ready], question: Question, values: Mapping[str, str], coding: Coding
) -> tuple[Then, Coded, Headers]:
    """The list, the body in one coding, and the fields that lead to other pages.

    Args:
        values: What the question was read from.

    Raises:
        InvalidParameter: It cannot be asked of this list.
        NoListThen, StoreError: As `Past.find`.
    """
    moment = _moment(past, question)
    try:
        then = await past.found(moment)
    except NoListThen as problem:
        raise _gone(problem, question) from None
    now = _now(past, question, then)
    removed_by = then.removed_by if question.asks_removed else None
    # Instants of the same list are the same question.
    key = (question.view, question.answer_digest, now, removed_by)
    coded = await past.coded(then, key, coding, partial(render_question, past, question, then, now))
    return then, coded, _links(question, values, then, now, coded.paged)


def render_answer(past: Past[Ready], question: Question) -> bytes:
    """The answer's JSON, uncompressed, and nothing kept.

    Raises:
        InvalidParameter, NoListThen, StoreError: As `answer_question`.
    """
    try:
        then = past.find(_moment(past, question))
    except NoListThen as problem:
        raise _gone(problem, question) from None
    return render_question(past, question, then, _now(past, question, then))[0]


def render_question(past: Past[Ready], question: Question, then: Then, now: datetime | None) -> Made:
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


def _moment(past: Past[Ready], question: Question) -> datetime | Serial | None:
    cursor = question.cursor
    if cursor is None:
        return question.at
    if cursor.at is not None and cursor.at > past.clock():
        raise refused_cursor("one of a list that was had, got one of the future")
    return NO_SERIAL if cursor.at is None else cursor.at


def _gone(problem: NoListThen, question: Question) -> NoListThen:
    if question.cursor is None:
        return problem
    words = "The list that this cursor goes through is not known any more"
    return NoListThen(words, problem.extent, hint="Begin again without cursor.")


def _now(past: Past[Ready], question: Question, then: Then) -> datetime | None:
    """What ages are counted from: of an earlier list its instant, else the clock's minute; on all pages the same."""
    if not question.asks_age:
        return None
    if question.cursor is not None:
        return question.cursor.now or then.changed_at
    return then.ages_from(past.clock())


def _links(
    question: Question, values: Mapping[str, str], then: Then, now: datetime | None, paged: Paged | None
) -> Headers:
    """`Link` (RFC 8288) to the first and the next page of this list, relative to the address that was asked."""
    if paged is None or not question.is_paged:
        return ()
    pages = {"first": 0, "next": paged.next_offset}
    links = [
        f'<?{_query(question, values, then, now, offset)}>; rel="{rel}"'
        for rel, offset in pages.items()
        if offset is not None
    ]
    return ((b"link", ", ".join(links).encode()),)


def _query(question: Question, values: Mapping[str, str], then: Then, now: datetime | None, offset: int) -> str:
    at = None if then.serial == NO_SERIAL else then.removed_by or then.agreed_at
    cursor = write_list_cursor(ListCursor(question.digest, offset, at, now))
    asked = {name: value for name, value in values.items() if value not in ("", LISTING_FIELDS[name].default)}
    asked.pop("offset", None)
    return urlencode(asked | {"cursor": cursor}, quote_via=quote, safe=_UNESCAPED)
