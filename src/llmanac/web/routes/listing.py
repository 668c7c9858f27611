"""The fields that lead from one page of a list to the others, and the answer they go with."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlencode

from llmanac.answers.list_models import Paged, ages_from, moment_of, no_list_for, page_cursor, render_question
from llmanac.answers.list_question import Question
from llmanac.answers.list_reader import Past
from llmanac.answers.list_ref import NoListThen, Then
from llmanac.query.fields import LISTING_FIELDS
from llmanac.web.protocol.body_cache import BodyCache
from llmanac.web.protocol.negotiation import Coding
from llmanac.web.protocol.representations import Coded, Headers

_UNESCAPED = ",:/~"


async def answer_question(
    bodies: BodyCache, past: Past, question: Question, values: Mapping[str, str], coding: Coding
) -> tuple[Then, Coded, Headers]:
    """The list, the body in one coding, and the fields that lead to other pages.

    Args:
        values: What the question was read from.

    Raises:
        InvalidParameter: It cannot be asked of this list.
        Unavailable, NoListThen, StoreError: As `Past.find`.
    """
    try:
        then = await bodies.find_list(moment_of(question, past.clock))
    except NoListThen as problem:
        raise no_list_for(question, problem) from None
    now = ages_from(question, then, past.clock)
    removed_by = then.removed_by if question.asks_removed else None
    # Instants of the same list are the same question.
    key = (question.view, question.answer_digest, now, removed_by)
    coded = await bodies.coded(then, key, coding, partial(render_question, past, question, then, now))
    return then, coded, _links(question, values, then, now, coded.paged)


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
    asked = {name: value for name, value in values.items() if value not in ("", LISTING_FIELDS[name].default)}
    asked.pop("offset", None)
    cursor = page_cursor(question, then, now, offset)
    return urlencode(asked | {"cursor": cursor}, quote_via=quote, safe=_UNESCAPED)
