"""Which rules make a difference a mere representation: each that fits, where `history.cause` stops at the first."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from llmanac.catalogue.change import Cause
from llmanac.catalogue.ids import ModelId
from llmanac.history.cause import own_cause, sides
from llmanac.history.fields import OVERRIDES, member_path
from llmanac.history.kind import announced_on
from llmanac.history.spelling import (
    is_empty,
    same_amount,
    same_description,
    same_limit,
    same_list,
    same_modalities,
    same_text,
)

_LIMITS = ("context_length", "top_provider.context_length", "top_provider.max_completion_tokens")

Fields = Mapping[str, bytes]


class Rule(StrEnum):
    """In the order of docs/concepts/causes.md."""

    SHAPE = "The record's shape"
    EMPTY = "Nothing is nothing"
    NOISE = "One price, other digits"
    ZERO = "Zero and not sent"
    OVERRIDES = "One tariff, other entries"
    LIMIT = "No limit"
    MODALITIES = "Modalities spelt out"
    ORDER = "Order of a list"
    CUT = "A description cut"
    SPACE = "White space"
    SENTINEL = "A date that is none"


def fitting(model: ModelId, field: str, before: Fields, after: Fields, grown: Collection[str]) -> frozenset[Rule]:
    """Every rule that says the field's difference is none.

    Args:
        model: Whose records they are.
        field: One of the two records' fields.
        before: The record's fields in the earlier list.
        after: And in the later one.
        grown: Members that no model has in one of the two lists.
    """
    rules = {Rule.SHAPE} if _is_shape(field, after, grown) else set()
    return frozenset(rules | _of_values(model, field, before, after))


def _is_shape(field: str, after: Fields, grown: Collection[str]) -> bool:
    news = field == "expiration_date" and announced_on(after.get(field)) is not None
    return member_path(field) in grown and not news


def _of_values(model: ModelId, field: str, before: Fields, after: Fields) -> set[Rule]:
    one, other = before.get(field), after.get(field)
    is_none = is_empty(one) and is_empty(other)
    if member_path(field) == OVERRIDES and field != OVERRIDES:
        return {Rule.OVERRIDES} if _is_representation(model, field, before, after) else set()
    if field == "expiration_date":
        fits = announced_on(one) is None and announced_on(other) is None
        return ({Rule.EMPTY} if is_none else {Rule.SENTINEL}) if fits else set()
    amount = field.startswith("pricing.") and same_amount(one, other)
    found = {
        Rule.EMPTY: is_none,
        Rule.NOISE: amount and not is_empty(one) and not is_empty(other),
        Rule.ZERO: amount and (is_empty(one) or is_empty(other)),
        Rule.LIMIT: field in _LIMITS and same_limit(one, other),
        Rule.MODALITIES: same_modalities(field, before, after),
        Rule.ORDER: same_list(one, other),
        Rule.CUT: field == "description" and same_description(one, other),
        Rule.SPACE: same_text(one, other),
    }
    return {rule for rule, fits in found.items() if fits}


def _is_representation(model: ModelId, field: str, before: Fields, after: Fields) -> bool:
    return own_cause(field, sides(model, before, after, ())) is Cause.REPRESENTATION
