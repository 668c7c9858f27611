"""What a user wants to know of one model, as named words: `show` lists them, `compare` puts them side by side."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from llmanac.catalogue.expiry import expires_on
from llmanac.catalogue.other_names import other_names
from llmanac.catalogue.pricing import LISTED_RATES, OTHER_RATES
from llmanac.cli.answers import read_answer
from llmanac.cli.tariff_words import tariff_words
from llmanac.pricing.stated import tariffs
from llmanac.render.listing import FullModel

Traits = Mapping[str, str | None]
"""None: not stated."""

PARAMETERS = "parameters"
_RATES = (*LISTED_RATES, *OTHER_RATES)


class _Ours(msgspec.Struct):
    status: str
    price_state: str


class _Beyond(msgspec.Struct):
    """Members of the full view beyond those of the contract."""

    llmanac: _Ours
    hugging_face_id: str | None = None
    knowledge_cutoff: str | None = None


def traits(model: bytes, *, exact: bool) -> Traits:
    """Those of a model's JSON in the full view; every model has the same names, but for its rates.

    Args:
        exact: Prices as upstream's own numbers, in USD per unit, instead of words.

    Raises:
        ServerError: It is no model in that view.
    """
    shown = read_answer(model, FullModel)
    beyond = read_answer(model, _Beyond)
    target = other_names(model).alias_target
    stated = {
        "name": shown.name,
        "status": beyond.llmanac.status,
        "points at": None if target is None else target.slug,
        "listed since": _day(shown.created),
        "last day": _text(expires_on(model)),
        "takes": _joined(shown.architecture.input_modalities),
        "gives": _joined(shown.architecture.output_modalities),
        "context": _context(shown, exact=exact),
        "longest answer": _text(shown.max_completion_tokens),
        PARAMETERS: _joined(shown.supported_parameters),
        "knows until": beyond.knowledge_cutoff,
        "weights": beyond.hugging_face_id,
        "moderated": _yes_or_no(shown.topProvider.is_moderated),
        "prices are": beyond.llmanac.price_state,
        **_prices(model, exact=exact),
    }
    # Upstream sends null and "" alike for what it does not state.
    return {name: value or None for name, value in stated.items()}


def names_of(every: Sequence[Traits]) -> Sequence[str]:
    """The names that any of them has, in order."""
    rates = {name for each in every for name in each if name.startswith("price ")}
    common = [name for name in every[0] if name not in rates]
    return [*common, *sorted(rates, key=_rate_order)]


def _rate_order(name: str) -> tuple[int, str]:
    rate = name.removeprefix("price ")
    return (_RATES.index(rate) if rate in _RATES else len(_RATES), rate)


def _prices(model: bytes, *, exact: bool) -> Traits:
    stated = tariffs(model)
    words = {f"price {rate}": tariff_words(rate, tariff, exact=exact) for rate, tariff in stated.items()}
    return {name: words[name] for name in sorted(words, key=_rate_order)}


def _context(shown: FullModel, *, exact: bool) -> str | None:
    """With the top provider's own, where that is another one."""
    whole, top = shown.context_length, shown.topProvider.context_length
    if exact or top is None or top == whole:
        return _text(whole)
    return f"{'not stated' if whole is None else whole}; {top} at the top provider"


def _day(created: int | None) -> str | None:
    try:
        return None if created is None else f"{datetime.fromtimestamp(created, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return str(created)


def _text(value: date | int | None) -> str | None:
    return None if value is None else str(value)


def _joined(words: Sequence[str]) -> str | None:
    """In the order of the alphabet: upstream's own says nothing, and would tell alike models apart."""
    return ", ".join(sorted(words)) or None


def _yes_or_no(value: bool | None) -> str | None:  # noqa: FBT001  the value itself, no switch
    return None if value is None else "yes" if value else "no"
