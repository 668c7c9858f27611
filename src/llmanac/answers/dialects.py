"""Answers in OpenRouter's shape and in OpenAI's, made of one list."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from llmanac.answers.context import AnswerContext
from llmanac.answers.list_ref import ListRef, to_the_minute
from llmanac.answers.show_model import ModelRemoved, show_model
from llmanac.answers.unknown_model import UnknownModel
from llmanac.catalogue.ids import ModelId, Serial, is_alias, variant_of
from llmanac.catalogue.model import Model
from llmanac.errors import NotFound
from llmanac.query.index import Index
from llmanac.query.query import Query
from llmanac.query.search import search
from llmanac.render.listing import View
from llmanac.render.mending import alias_target, canonical_slug, mirrored
from llmanac.render.openai import openai_list, openai_model
from llmanac.render.openrouter import mirrored_count, mirrored_list, mirrored_one


def list_as_openrouter(
    context: AnswerContext, list_ref: ListRef, query: Query, now: datetime, following: Callable[[int], str]
) -> bytes:
    """The list that a question makes of one, `following` giving the address of the page that begins at an offset."""
    page = search(context.lists.index(list_ref), query, now=now)
    after = page.next_offset
    return mirrored_list(
        [mirrored(row.model) for row in page.rows],
        total=page.total,
        following=None if after is None else following(after),
    )


def count_as_openrouter(context: AnswerContext, list_ref: ListRef, query: Query, now: datetime) -> bytes:
    """How many models the filters leave."""
    return mirrored_count(search(context.lists.index(list_ref), query, now=now).total)


def model_as_openrouter(context: AnswerContext, list_ref: ListRef, wanted: ModelId) -> bytes:
    """One model.

    Raises:
        NotFound: See `missing`.
    """
    found = _resolve(context.lists.index(list_ref), wanted)
    if found is None:
        raise no_such_model(context, list_ref, wanted)
    return mirrored_one(mirrored(found))


def list_as_openai(context: AnswerContext, list_ref: ListRef, query: Query) -> bytes:
    """The ids that a question leaves of a list."""
    page = search(context.lists.index(list_ref), query, now=context.clock())
    return openai_list(row.model for row in page.rows)


def model_as_openai(context: AnswerContext, list_ref: ListRef, wanted: ModelId) -> bytes:
    """One model.

    Raises:
        NotFound: See `no_such_model`.
    """
    found = context.lists.index(list_ref).find(wanted)
    if found is None:
        raise no_such_model(context, list_ref, wanted)
    return msgspec.json.encode(openai_model(found.model))


def _resolve(index: Index, wanted: ModelId) -> Model | None:
    """The model of an id; else, as upstream does, the one of that canonical slug and variant. Aliases are followed."""
    row = index.find(wanted)
    found = None if row is None else row.model
    if found is None:
        slug, variant = wanted.partition(":")[0], variant_of(wanted)
        models = (row.model for row in index.rows)
        same = (model for model in models if model.variant == variant and not is_alias(model.id))
        found = next((model for model in same if canonical_slug(model) == slug), None)
    name = None if found is None else alias_target(found)
    target = None if name is None else index.find(name)
    return found if target is None else target.model


def no_such_model(context: AnswerContext, list_ref: ListRef, wanted: ModelId) -> NotFound:
    """The refusal of a model that is not in a list. One that has left is not found either: 410 is no word of theirs."""
    try:
        show_model(context, list_ref, wanted, View.LISTED)
    except ModelRemoved as gone:
        return NotFound(gone.message, hint=gone.hint, code=gone.code)
    except UnknownModel as unknown:
        return unknown
    # It is listed, but may not be shown.
    return UnknownModel(wanted, ())


def counted_from(context: AnswerContext, at: datetime | Serial | None, list_ref: ListRef) -> datetime:
    """What the age of models is counted from: the instant `at` that is asked for, else the present to the minute.

    A Serial, by which pages lead to the next, names a list and no instant, so those count from the present as well: a
    model that comes of the age asked for between two pages may shift what follows it.
    """
    now = context.clock()
    return list_ref.ages_from(now) if isinstance(at, datetime) else to_the_minute(now)
