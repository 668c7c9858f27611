"""What can be asked of `POST /api/ai/cost`, and reading it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from llmanac.catalogue.ids import ModelId, Serial
from llmanac.catalogue.money import PriceState, parse_price, plain
from llmanac.cost.break_even import Axis
from llmanac.cost.growth import Growth
from llmanac.cost.workload import Week, Workload
from llmanac.errors import InvalidBody, InvalidParameter
from llmanac.query.fields import FILTER_FIELDS
from llmanac.query.parse import parse_query
from llmanac.query.read import read_moment
from llmanac.query.search import Query, read_query

MAX_IDS = 1000
MAX_WORKLOADS = 100
MAX_ID_CHARACTERS = 512
MAX_QUOTED = 20_000
"""Models times workloads of one call: some two seconds."""


_WEEK = 8
"""How many workloads one with a weekly profile counts for: it may meet every window of a price."""

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_CHARACTERS)]
_Moment = Annotated[
    str | int | None, msgspec.Meta(description="An instant (RFC 3339), a date, or a Serial; now when absent.")
]


class BreakEvenAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two models, and the count that grows while the workload's others stay."""

    models: tuple[_Id, _Id]
    axis: Axis = Axis.OUTPUT


class CostAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A workload, or several that are priced together; and either ids or a filter that chooses models."""

    workload: Workload | Annotated[tuple[Workload, ...], msgspec.Meta(min_length=1, max_length=MAX_WORKLOADS)]
    models: Annotated[tuple[_Id, ...], msgspec.Meta(min_length=1, max_length=MAX_IDS)] | None = None
    filter: (
        Annotated[
            dict[str, msgspec.Raw],
            msgspec.Meta(
                max_length=len(FILTER_FIELDS),
                description="The parameters that narrow `GET /api/ai/models`, by name: each a text, a number or a "
                "list of words. `{}` is every model.",
                extra_json_schema={
                    "propertyNames": {"enum": [*FILTER_FIELDS]},
                    "additionalProperties": {
                        "anyOf": [
                            {"type": "string"},
                            {"type": "number"},
                            {"type": "array", "items": {"type": "string"}},
                        ]
                    },
                },
            ),
        ]
        | None
    ) = None
    as_of: _Moment = None
    current: Annotated[_Id | None, msgspec.Meta(description="The current choice: every quote says how it differs.")] = (
        None
    )
    budget: Annotated[
        str | Annotated[int, msgspec.Meta(ge=0)] | None,
        msgspec.Meta(description="USD: every quote says how many requests that buys. A text where it has a fraction."),
    ] = None
    growth: Growth | None = None
    """The workload is that of the first day."""
    break_even: BreakEvenAsked | None = None
    limit: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=MAX_IDS)] | None,
        msgspec.Meta(description="At most so many quotes, the cheapest; all when absent."),
    ] = None


class Costing(msgspec.Struct, frozen=True, kw_only=True):
    """The same, read."""

    workloads: tuple[Workload, ...]
    ids: tuple[ModelId, ...] | None
    """None: those that the query leaves."""
    query: Query
    at: datetime | Serial | None
    current: ModelId | None
    budget: Decimal | None
    growth: Growth | None
    break_even: BreakEvenAsked | None
    limit: int | None

    def check_size(self, models: int) -> None:
        """Refuse to price so many models.

        Raises:
            InvalidBody: They are too many for these workloads.
        """
        size = sum(_WEEK if is_weekly(each) else 1 for each in self.workloads)
        if models * size > MAX_QUOTED:
            raise InvalidBody(
                f"At most {MAX_QUOTED} models times workloads are priced by one call, one with hours of a week counting"
                f" for {_WEEK}; got {models} times {size}",
                code="TOO_MANY_WORKLOADS",
            )


def read_costing(request: CostAsked) -> Costing:
    """What the body means.

    Raises:
        InvalidBody, InvalidParameter: It says where and what is allowed.
    """
    if (request.models is None) == (request.filter is None):
        raise InvalidBody(
            "Expected either `models` or `filter`, got " + ("none" if request.models is None else "both"),
            hint='Send "models": [ids], or "filter": {} for every model.',
        )
    workloads = (request.workload,) if isinstance(request.workload, Workload) else request.workload
    if request.break_even is not None and len(workloads) > 1:
        raise InvalidBody("`break_even` compares along one workload, got several")
    if request.break_even is not None and len(set(request.break_even.models)) < 2:
        raise InvalidBody("`break_even.models` must be two different ids")
    return Costing(
        workloads=workloads,
        ids=None if request.models is None else tuple(dict.fromkeys(map(ModelId, request.models))),
        query=read_filter(request.filter or {}),
        at=_moment(request.as_of),
        current=None if request.current is None else ModelId(request.current),
        budget=None if request.budget is None else read_budget(str(request.budget)),
        growth=request.growth,
        break_even=request.break_even,
        limit=request.limit,
    )


def read_filter(given: Mapping[str, msgspec.Raw]) -> Query:
    """The filter as the query string of a list would be read."""
    try:
        values = {name: _text(name, raw) for name, raw in given.items()}
        return read_query(parse_query(urlencode(values), FILTER_FIELDS))
    except InvalidParameter as problem:
        raise InvalidParameter(f"filter: {problem.message}", hint=problem.hint, parameter=problem.parameter) from None


def read_budget(text: str) -> Decimal:
    """USD.

    Raises:
        InvalidBody: It is no amount.
    """
    try:
        price = parse_price(text)
    except ValueError:
        price = None
    if price is None or price.state is PriceState.DYNAMIC:
        raise InvalidBody(f'`budget`: Expected an amount in USD, from 0, such as "12.50", got {text[:40]!r}')
    return price.amount


def is_weekly(workload: Workload) -> bool:
    """Whether its requests are spread over a week."""
    return isinstance(workload.at, Week)


def _text(name: str, raw: msgspec.Raw) -> str:
    value = bytes(raw)
    if value[:1] in b"-0123456789":
        return _plain_number(name, value.decode())
    try:
        found = msgspec.json.decode(value, type=str | list[str])
    except msgspec.DecodeError:
        seen = value[:40].decode("utf-8", "replace")
        raise InvalidBody(f"`filter.{name[:60]}` must be a text, a number or a list of words, got {seen}") from None
    if isinstance(found, str):
        return found
    if any("," in word for word in found):
        raise InvalidBody(f"`filter.{name[:60]}` must hold words without commas")
    return ",".join(found)


def _plain_number(name: str, text: str) -> str:
    """A number of JSON as a query has it: without exponent, exactly the same."""
    if not {"e", "E"} & {*text}:
        return text
    try:
        return plain(parse_price(text).amount)
    except ValueError as problem:
        raise InvalidBody(f"`filter.{name[:60]}`: {problem}") from None


def _moment(stated: str | int | None) -> datetime | Serial | None:
    if stated is None:
        return None
    try:
        return read_moment(str(stated))
    except ValueError as expected:
        raise InvalidBody(f"`as_of`: Expected {expected}, got {str(stated)[:40]!r}") from None
