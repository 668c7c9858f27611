"""What a change of one field is worth, as far as the two records themselves can tell: its own cause."""

from collections.abc import Collection, Mapping

import msgspec

from llmanac.catalogue.change import Cause
from llmanac.catalogue.ids import ModelId, is_alias
from llmanac.catalogue.money import same_price
from llmanac.history.fields import (
    OVERRIDES,
    OVERRIDES_ORDER,
    expected_order,
    in_order,
    member_path,
    override,
    override_order,
    whole,
)
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
from llmanac.pricing.stated import tariffs
from llmanac.pricing.tariff import Tariff, same_tariff

_NO_TARIFF = Tariff(None, ())
_LIMITS = frozenset({"context_length", "top_provider.context_length", "top_provider.max_completion_tokens"})


class Sides(msgspec.Struct, frozen=True):
    """Two records of one model by their fields, and the members that came or went for all models.

    The tariffs are there only where the prices differ.
    """

    model: ModelId
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    grown: Collection[str]
    before_tariffs: Mapping[str, Tariff]
    after_tariffs: Mapping[str, Tariff]


def sides(model: ModelId, before: Mapping[str, bytes], after: Mapping[str, bytes], grown: Collection[str]) -> Sides:
    """The fields of both sides with what their prices mean."""
    # With their order, which is that of the entries.
    one, other = ([(path, value) for path, value in side.items() if _is_priced(path)] for side in (before, after))
    if one == other:
        return Sides(model, before, after, grown, {}, {})
    return Sides(model, before, after, grown, tariffs(whole(dict(one))), tariffs(whole(dict(other))))


def _is_priced(field: str) -> bool:
    return field == "pricing" or field.startswith("pricing.")


def own_cause(field: str, between: Sides) -> Cause:
    """The cause of a field's difference; the first that fits: representation, scope, window, alias, real."""
    before, after = between.before.get(field), between.after.get(field)
    if _is_growth(field, after, between) or _says_the_same(field, before, after, between):
        return Cause.REPRESENTATION
    if _is_askers_credit(field, before, after):
        return Cause.SCOPE
    if _is_window_in_force(field, between):
        return Cause.WINDOW
    return Cause.ALIAS if is_alias(between.model) else Cause.REAL


def _is_growth(field: str, after: bytes | None, between: Sides) -> bool:
    """Whether the record's shape changed and not the model. An announced day is news, wherever it is first told."""
    announced = field == "expiration_date" and announced_on(after) is not None
    return member_path(field) in between.grown and not announced


def _says_the_same(field: str, before: bytes | None, after: bytes | None, between: Sides) -> bool:
    if member_path(field) == OVERRIDES and field != OVERRIDES:
        return _overrides_mean_the_same(field, between)
    if field == "expiration_date":
        return announced_on(before) is None and announced_on(after) is None
    return (
        (is_empty(before) and is_empty(after))
        or (field.startswith("pricing.") and same_amount(before, after))
        or (field in _LIMITS and same_limit(before, after))
        or (field == "description" and same_description(before, after))
        or same_modalities(field, between.before, between.after)
        or same_list(before, after)
        or same_text(before, after)
    )


def _overrides_mean_the_same(field: str, between: Sides) -> bool:
    """Whether the rate costs the same at all times and lengths, however its entries are cut."""
    if field == OVERRIDES_ORDER:
        return _order_means_nothing(between)
    found = override(field)
    if found is None or found[1] is None:
        return True
    before, after = (side.get(found[1], _NO_TARIFF) for side in (between.before_tariffs, between.after_tariffs))
    return same_tariff(before, after)


def _order_means_nothing(between: Sides) -> bool:
    """Whether every rate would cost the same if the entries stood as expected."""
    expected = expected_order(override_order(between.before), override_order(between.after))
    usual = tariffs(whole(in_order(between.after, expected)))
    return all(same_tariff(tariff, usual[rate]) for rate, tariff in between.after_tariffs.items())


def _is_askers_credit(field: str, before: bytes | None, after: bytes | None) -> bool:
    """Whether the field says how many tokens the asker's credit buys.

    Until May 2024 `per_request_limits` was that: in each of six lists every limit times its price is one sum, 42.33 USD
    in the first and 38.89 in the last. The limits were strings then.
    """
    return field.startswith("per_request_limits.") and all(
        value is None or value[:1] == b'"' for value in (before, after)
    )


def _is_window_in_force(field: str, between: Sides) -> bool:
    """Whether the windows cover the week on both sides, and the base price only repeats one of them."""
    rate = field.removeprefix("pricing.")
    before, after = (side.get(rate, _NO_TARIFF) for side in (between.before_tariffs, between.after_tariffs))
    return rate != field and _repeats_a_window(before) and _repeats_a_window(after)


def _repeats_a_window(tariff: Tariff) -> bool:
    base = tariff.base
    if base is None or not tariff.covers_week:
        return False
    return any(same_price(base, span.price) for span in tariff.tiers[0].spans)
