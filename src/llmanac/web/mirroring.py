"""Answers in OpenRouter's shape, made of one list."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from llmanac.catalogue.ids import ModelId, Serial, is_alias, variant_of
from llmanac.catalogue.model import Model
from llmanac.errors import NotFound
from llmanac.query.query import Query
from llmanac.query.read import read_moment
from llmanac.query.search import search
from llmanac.render.mending import alias_target, canonical_slug, mirrored
from llmanac.render.openrouter import mirrored_count, mirrored_list, mirrored_one
from llmanac.web.dialect_fields import MIRROR_LIST_FIELDS
from llmanac.web.known import Then
from llmanac.web.model import ModelRemoved, look_up
from llmanac.web.parts import Parts
from llmanac.web.unknown import UnknownModel


def make_list(parts: Parts, then: Then, query: Query, now: datetime, following: Callable[[int], str]) -> bytes:
    """The list that a question makes of one, `following` giving the address of the page that begins at an offset."""
    page = search(parts.past.index(then), query, now=now)
    after = page.next_offset
    return mirrored_list(
        [mirrored(row.model) for row in page.rows],
        total=page.total,
        following=None if after is None else following(after),
    )


def following_page(path: str, asked: Mapping[str, str], then: Then, query: Query, offset: int) -> str:
    """The next page of the very list that this page is of, whatever is fetched meanwhile."""
    kept = {name: value for name, value in asked.items() if value and value != MIRROR_LIST_FIELDS[name].default}
    page = {"limit": query.limit, "offset": offset, "as_of": asked["as_of"] or then.serial}
    return f"{path}?{urlencode(kept | page)}"


def make_count(parts: Parts, then: Then, query: Query, now: datetime) -> bytes:
    """How many models the filters leave."""
    return mirrored_count(search(parts.past.index(then), query, now=now).total)


def make_one(parts: Parts, then: Then, wanted: ModelId, asked: Mapping[str, str]) -> bytes:
    """One model.

    Raises:
        NotFound: See `missing`.
    """
    models = [row.model for row in parts.past.index(then).rows]
    found = _resolve(models, wanted)
    if found is None:
        raise missing(parts, wanted, asked)
    return mirrored_one(mirrored(found))


def _resolve(models: Sequence[Model], wanted: ModelId) -> Model | None:
    """The model of an id; else, as upstream does, the one of that canonical slug and variant. Aliases are followed."""
    by_id = {model.id: model for model in models}
    found = by_id.get(wanted)
    if found is None:
        slug, variant = wanted.partition(":")[0], variant_of(wanted)
        same = (model for model in models if model.variant == variant and not is_alias(model.id))
        found = next((model for model in same if canonical_slug(model) == slug), None)
    target = None if found is None else alias_target(found)
    return by_id.get(target, found) if target is not None else found


def missing(parts: Parts, wanted: ModelId, asked: Mapping[str, str]) -> NotFound:
    """The refusal of a model that is not in a list. One that has left is not found either: 410 is no word of theirs."""
    try:
        look_up(parts, wanted, {**asked, "view": "listed"})
    except ModelRemoved as gone:
        return NotFound(gone.message, hint=gone.hint, code=gone.code)
    except UnknownModel as unknown:
        return unknown
    # It is listed, but may not be shown.
    return UnknownModel(wanted, ())


def moment(asked: Mapping[str, str]) -> datetime | Serial | None:
    """Which list is asked for; None is the one that is served."""
    return read_moment(asked["as_of"]) if asked["as_of"] else None


def counted_from(parts: Parts, asked: Mapping[str, str], then: Then) -> datetime:
    """What the age of models is counted from: the instant that is asked for, else the present to the minute.

    A Serial, by which pages lead to the next, names a list and no instant, so those count from the present as well: a
    model that comes of the age asked for between two pages may shift what follows it.
    """
    now = parts.clock().replace(second=0, microsecond=0)
    return then.removed_by or now if isinstance(moment(asked), datetime) else now


def question_key(path: str, query: Query, now: datetime) -> Hashable:
    """Everything an answer depends on beside its list, the time only if models are asked for by their age.

    Answers are kept by it, so it is short however long the question is.
    """
    asks_age = query.min_age_days is not None or query.max_age_days is not None
    return path, query.digest, query.offset, query.limit, now if asks_age else None
