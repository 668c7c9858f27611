"""The columns of the tables that are exported, one row a model: CSV and Parquet are made from this one list.

A column never changes its name or meaning; new ones are added at the end.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial

import msgspec

from llmanac.catalogue.ids import is_alias
from llmanac.catalogue.money import PriceState, amount_per_million
from llmanac.catalogue.other_names import other_names
from llmanac.catalogue.pricing import LISTED_RATES, OTHER_RATES
from llmanac.catalogue.record import members
from llmanac.pricing.stated import tariffs
from llmanac.query.row import Row
from llmanac.render.abilities import created_at, stated_text

RATES = (*LISTED_RATES, *OTHER_RATES)
_TEXT_RATES = ("prompt", "completion")

Cell = str | int | bool | Decimal | date | datetime | tuple[str, ...] | None
"""None: not stated."""


class ColumnKind(StrEnum):
    """What its cells are."""

    TEXT = "text"
    WORDS = "words"
    """Several texts."""
    WHOLE = "whole number"
    YES_OR_NO = "yes or no"
    DECIMAL = "decimal number"
    DAY = "day"
    INSTANT = "instant"


class Column(msgspec.Struct, frozen=True):
    """One column: what its cells are, in words for the reader, and how they are read."""

    name: str
    kind: ColumnKind
    says: str
    read: Callable[[Row], Cell]


def _canonical_slug(row: Row) -> str | None:
    return other_names(row.model.record).canonical_slug


def _alias_target(row: Row) -> str | None:
    target = other_names(row.model.record).alias_target
    return None if target is None else target.slug


def _stated(name: str) -> Callable[[Row], Cell]:
    return lambda row: stated_text(row.model.record, name)


def _exact(rate: str, row: Row) -> str | None:
    price = row.model.pricing.rate(rate)
    return None if price is None or price.state is PriceState.DYNAMIC else price.text


def _per_million(rate: str, row: Row) -> Decimal | None:
    price = row.model.pricing.rate(rate)
    return None if price is None or price.state is PriceState.DYNAMIC else amount_per_million(price)


def _dynamic(row: Row) -> tuple[str, ...]:
    return tuple(rate for rate, price in row.model.pricing.rates.items() if price.state is PriceState.DYNAMIC)


def _has_conditions(row: Row) -> bool:
    return any(tariff.entries for tariff in tariffs(row.model.record).values())


def _overrides(row: Row) -> str | None:
    if not _has_conditions(row):
        return None
    # Without the white space that upstream may have put between members: a cell is easier to read on one line.
    return msgspec.json.format(members(members(row.model.record)["pricing"])["overrides"], indent=-1).decode()


_TEXT, _WORDS, _WHOLE, _YES_OR_NO = ColumnKind.TEXT, ColumnKind.WORDS, ColumnKind.WHOLE, ColumnKind.YES_OR_NO

COLUMNS: tuple[Column, ...] = (
    Column("id", _TEXT, "The model's id", lambda row: row.model.id),
    Column("name", _TEXT, "Its name", lambda row: row.model.name),
    Column("author", _TEXT, "Who made it, by the id", lambda row: row.model.author),
    Column("variant", _TEXT, "What stands after the `:` of the id", lambda row: row.model.variant),
    Column("alias", _YES_OR_NO, "Whether the id only points at another model", lambda row: is_alias(row.model.id)),
    Column("alias_target", _TEXT, "The model it points at, if upstream says so", _alias_target),
    Column("canonical_slug", _TEXT, "Upstream's permanent name of it", _canonical_slug),
    Column("status", _TEXT, "`active`, `expiring` or `removed`", lambda row: row.status),
    Column("created", ColumnKind.INSTANT, "When upstream first listed it, in UTC", lambda row: created_at(row.model)),
    Column("expires_on", ColumnKind.DAY, "The last day that is announced", lambda row: row.model.expires_on),
    Column("context_length", _WHOLE, "Tokens, prompt and completion together", lambda row: row.model.context_length),
    Column(
        "max_completion_tokens", _WHOLE, "Tokens of a completion, with upstream's first provider",
        lambda row: row.model.top_provider.max_completion_tokens,
    ),
    Column("input_modalities", _WORDS, "What it takes", lambda row: row.model.architecture.input_modalities),
    Column("output_modalities", _WORDS, "What it gives", lambda row: row.model.architecture.output_modalities),
    Column("tokenizer", _TEXT, "Its family of tokenizers", lambda row: row.model.architecture.tokenizer),
    Column(
        "is_moderated", _YES_OR_NO, "Whether upstream's first provider moderates",
        lambda row: row.model.top_provider.is_moderated,
    ),
    Column("supported_parameters", _WORDS, "Parameters it supports", lambda row: row.model.supported_parameters),
    Column("knowledge_cutoff", _TEXT, "Until when its knowledge reaches", _stated("knowledge_cutoff")),
    Column("hugging_face_id", _TEXT, "Where its weights are", _stated("hugging_face_id")),
    Column(
        "price_state", _TEXT, "Of prompt and completion together: `known`, `zero`, `dynamic` or `unknown`",
        lambda row: row.model.pricing.state.value,
    ),
    *(
        Column(
            f"{rate}_usd_per_million", ColumnKind.DECIMAL, f"`price_{rate}`, for a million", partial(_per_million, rate)
        )
        for rate in _TEXT_RATES
    ),
    *(Column(f"price_{rate}", _TEXT, f"The rate `{rate}` in USD per unit", partial(_exact, rate)) for rate in RATES),
    Column("dynamic_rates", _WORDS, "Rates that are decided per request", _dynamic),
    Column("has_conditional_prices", _YES_OR_NO, "Whether long prompts or some hours cost otherwise", _has_conditions),
    Column("price_overrides", _TEXT, "Those prices and their conditions, upstream's own JSON", _overrides),
)  # fmt: skip
"""Prices are upstream's own text; none where upstream states none, and where `dynamic_rates` has the rate."""
