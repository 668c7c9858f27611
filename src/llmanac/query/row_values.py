"""What a row says of itself: the words it is counted and narrowed by, and the values it is sorted and bounded by."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Context, Decimal
from types import MappingProxyType

from llmanac.catalogue.money import MAX_PRICE_CHARACTERS, Price, PriceState
from llmanac.query.facet_names import Facet
from llmanac.query.row import Row
from llmanac.query.sort_names import Order

Value = str | int | Decimal | date
"""What rows are sorted by; all of one order have the same type."""

_EXACT = Context(prec=3 * MAX_PRICE_CHARACTERS)
"""Wide enough for the sum of any two prices."""

_PRICE_STATES: Mapping[PriceState, str] = MappingProxyType(
    {
        PriceState.ZERO: "free",
        PriceState.KNOWN: "paid",
        PriceState.UNKNOWN: "unknown",
        PriceState.DYNAMIC: "dynamic",
    }
)


def _known(price: Price | None) -> Decimal | None:
    """USD per unit; None when it is not stated or decided per request."""
    if price is None:
        return None
    amount = price.amount
    return None if amount < 0 else amount


def _prompt(row: Row) -> Decimal | None:
    return _known(row.model.pricing.rate("prompt"))


def _completion(row: Row) -> Decimal | None:
    return _known(row.model.pricing.rate("completion"))


def _both(row: Row) -> Decimal | None:
    """The sum, whose order is that of the mean."""
    prompt, completion = _prompt(row), _completion(row)
    return None if prompt is None or completion is None else _EXACT.add(prompt, completion)


WORDS: Mapping[Facet, Callable[[Row], tuple[str | None, ...]]] = MappingProxyType(
    {
        Facet.AUTHOR: lambda row: (row.model.author or None,),
        Facet.INPUT_MODALITY: lambda row: row.model.architecture.input_modalities,
        Facet.OUTPUT_MODALITY: lambda row: row.model.architecture.output_modalities,
        Facet.PARAMETER: lambda row: row.model.supported_parameters,
        Facet.ARCH: lambda row: (row.model.architecture.tokenizer,),
        Facet.VARIANT: lambda row: (row.model.variant,),
        Facet.PRICE_STATE: lambda row: (_PRICE_STATES[row.model.pricing.state],),
        Facet.STATUS: lambda row: (row.status,),
    }
)
"""The words of a row, as upstream spells them; none, None and "" alike are "none"."""

VALUES: Mapping[Order, Callable[[Row], Value | None]] = MappingProxyType(
    {
        Order.ID: lambda row: row.model.id,
        Order.NAME: lambda row: None if row.model.name is None else row.model.name.casefold(),
        Order.AUTHOR: lambda row: row.model.author or None,
        Order.CREATED: lambda row: row.model.created,
        Order.CONTEXT: lambda row: row.model.context_length,
        Order.MAX_COMPLETION_TOKENS: lambda row: row.model.top_provider.max_completion_tokens,
        Order.PRICE: _prompt,
        Order.OUTPUT_PRICE: _completion,
        Order.AVERAGE_PRICE: _both,
        Order.EXPIRES: lambda row: row.model.expires_on,
    }
)
"""The value of a row, None when it is unknown. Prices are USD per token."""
