"""Answers in OpenRouter's shape, made of one list."""

from collections.abc import Callable
from datetime import datetime

from llmanac.answers.context import AnswerContext
from llmanac.answers.list_ref import Then, to_the_minute
from llmanac.answers.show_model import ModelRemoved, look_up
from llmanac.answers.unknown_model import UnknownModel
from llmanac.catalogue.ids import ModelId, Serial, is_alias, variant_of
from llmanac.catalogue.model import Model
from llmanac.errors import NotFound
from llmanac.query.index import Index
from llmanac.query.query import Query
from llmanac.query.search import search
from llmanac.render.listing import View
from llmanac.render.mending import alias_target, canonical_slug, mirrored
from llmanac.render.openrouter import mirrored_count, mirrored_list, mirrored_one


def make_list(
    context: AnswerContext, then: Then, query: Query, now: datetime, following: Callable[[int], str]
) -> bytes:
    """The list that a question makes of one, `following` giving the address of the page that begins at an offset."""
    page = search(context.past.index(then), query, now=now)
    after = page.next_offset
    return mirrored_list(
        [mirrored(row.model) for row in page.rows],
        total=page.total,
        following=None if after is None else following(after),
    )


def make_count(context: AnswerContext, then: Then, query: Query, now: datetime) -> bytes:
    """How many models the filters leave."""
    return mirrored_count(search(context.past.index(then), query, now=now).total)


def make_one(context: AnswerContext, then: Then, wanted: ModelId) -> bytes:
    """One model.

    Raises:
        NotFound: See `missing`.
    """
    found = _resolve(context.past.index(then), wanted)
    if found is None:
        raise missing(context, then, wanted)
    return mirrored_one(mirrored(found))


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


def missing(context: AnswerContext, then: Then, wanted: ModelId) -> NotFound:
    """The refusal of a model that is not in a list. One that has left is not found either: 410 is no word of theirs."""
    try:
        look_up(context, then, wanted, View.LISTED)
    except ModelRemoved as gone:
        return NotFound(gone.message, hint=gone.hint, code=gone.code)
    except UnknownModel as unknown:
        return unknown
    # It is listed, but may not be shown.
    return UnknownModel(wanted, ())


def counted_from(context: AnswerContext, at: datetime | Serial | None, then: Then) -> datetime:
    """What the age of models is counted from: the instant `at` that is asked for, else the present to the minute.

    A Serial, by which pages lead to the next, names a list and no instant, so those count from the present as well: a
    model that comes of the age asked for between two pages may shift what follows it.
    """
    now = context.clock()
    return then.ages_from(now) if isinstance(at, datetime) else to_the_minute(now)
