"""The fields that lead from one page of a list to the others, and the answer they go with."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from urllib.parse import quote, urlencode

from llmanac.answers.list_models import Paged, ages_from, moment_of, no_list_for, page_cursor, render_list
from llmanac.answers.list_question import ListQuestion
from llmanac.answers.list_reader import ListReader
from llmanac.answers.list_ref import ListRef, NoSuchList
from llmanac.query.fields import LISTING_FIELDS
from llmanac.web.protocol.body_cache import BodyCache
from llmanac.web.protocol.negotiation import Coding
from llmanac.web.protocol.representations import Coded, Headers

_UNESCAPED = ",:/~"


async def answer_question(
    bodies: BodyCache, lists: ListReader, question: ListQuestion, values: Mapping[str, str], coding: Coding
) -> tuple[ListRef, Coded, Headers]:
    """The list, the body in one coding, and the fields that lead to other pages.

    Args:
        values: What the question was read from.

    Raises:
        InvalidParameter: It cannot be asked of this list.
        Unavailable, NoSuchList, StoreError: As `ListReader.find`.
    """
    try:
        list_ref = await bodies.find_list(moment_of(question, lists.clock))
    except NoSuchList as problem:
        raise no_list_for(question, problem) from None
    now = ages_from(question, list_ref, lists.clock)
    removed_by = list_ref.removed_by if question.asks_removed else None
    # Instants of the same list are the same question.
    key = (question.view, question.answer_digest, now, removed_by)
    coded = await bodies.coded(list_ref, key, coding, partial(render_list, lists, question, list_ref, now))
    return list_ref, coded, _links(question, values, list_ref, now, coded.paged)


def _links(
    question: ListQuestion, values: Mapping[str, str], list_ref: ListRef, now: datetime | None, paged: Paged | None
) -> Headers:
    """`Link` (RFC 8288) to the first and the next page of this list, relative to the address that was asked."""
    if paged is None or not question.is_paged:
        return ()
    pages = {"first": 0, "next": paged.next_offset}
    links = [
        f'<?{_query(question, values, list_ref, now, offset)}>; rel="{rel}"'
        for rel, offset in pages.items()
        if offset is not None
    ]
    return ((b"link", ", ".join(links).encode()),)


def _query(
    question: ListQuestion, values: Mapping[str, str], list_ref: ListRef, now: datetime | None, offset: int
) -> str:
    params = {name: value for name, value in values.items() if value not in ("", LISTING_FIELDS[name].default)}
    params.pop("offset", None)
    cursor = page_cursor(question, list_ref, now, offset)
    return urlencode(params | {"cursor": cursor}, quote_via=quote, safe=_UNESCAPED)
