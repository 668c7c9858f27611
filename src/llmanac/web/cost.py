"""`POST /api/ai/cost`: what a workload costs at models that are named or that a filter chooses."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from llmanac.catalogue.ids import ModelId, Serial
from llmanac.cost.break_even import break_even
from llmanac.cost.budget import affordable
from llmanac.cost.capability import doubts, unfit
from llmanac.cost.growth import months
from llmanac.cost.quote import Quote, quote
from llmanac.cost.rank import difference, ranked
from llmanac.cost.workload import Workload
from llmanac.errors import InvalidBody
from llmanac.pricing.rate_card import RateCard, rate_card
from llmanac.query.row import REMOVED, Row
from llmanac.query.search import search
from llmanac.render.cost import (
    Beside,
    CostAnswer,
    Rejected,
    ShownBreakEven,
    ShownQuote,
    show_break_even,
    show_quote,
)
from llmanac.web.cost_asked import BreakEvenAsked, Costing, is_weekly, read_costing
from llmanac.web.cost_body import read_body_of_cost
from llmanac.web.cost_described import DESCRIBED
from llmanac.web.front import no_list_yet
from llmanac.web.model import ModelRemoved, look_up
from llmanac.web.parts import READS, Parts, answer, parts_of, read_body
from llmanac.web.past import Then, exact
from llmanac.web.unknown import UnknownModel

router = APIRouter()

COST_PATH = "/api/ai/cost"
MAX_QUOTED = 20_000
"""Models times workloads of one call: some two seconds."""
_WEEK = 8
"""How many workloads one with a weekly profile counts for: it may meet every window of a price."""
_MAX_EXPLAINED = 20
"""Ids whose absence is looked into; that takes a question to the store each."""
_OF_CACHES = frozenset({b"cache-control", b"vary"})
_HINT = "docs/guides/cost.md and /schema show what this route reads."


@router.post(COST_PATH, summary="What a workload costs", dependencies=[READS], **DESCRIBED)
async def cost(request: Request) -> Response:
    """Exact, line by line, with what is not known and what was assumed. Nothing is rounded but months and break-evens.

    Ids that cannot be priced are in `rejected`; the others are priced all the same.
    """
    parts = parts_of(request)
    asked = read_cost(bytes(await read_body(request, msgspec.Raw, hint=_HINT)))
    return await run_in_threadpool(_answered, parts, asked)


def _answered(parts: Parts, asked: Costing) -> Response:
    costs = _Costs(parts, _list_of(parts, asked), asked)
    return answer(costs.answer(), headers=costs.headers)


def read_cost(body: bytes) -> Costing:
    """What a body means.

    Raises:
        InvalidBody, InvalidParameter: It says where, what was seen and what is allowed.
    """
    try:
        return read_costing(read_body_of_cost(body))
    except InvalidBody as problem:
        problem.hint = problem.hint or _HINT
        raise


def make_cost(parts: Parts, asked: Costing) -> CostAnswer:
    """The answer. Some 100 microseconds for each model.

    Raises:
        InvalidParameter, NoListThen: As `Past.find`.
        InvalidBody: There is too much to price.
        Unavailable: There is no list at all.
        StoreError: The store is needed and cannot be read.
    """
    return _Costs(parts, _list_of(parts, asked), asked).answer()


def _list_of(parts: Parts, asked: Costing) -> Then:
    if parts.current.held.catalogue is None:
        raise no_list_yet()
    return parts.past.find(asked.at)


class _Costs:
    """What one call prices, and the models it finds."""

    def __init__(self, parts: Parts, then: Then, asked: Costing) -> None:
        self._parts, self._then, self._asked = parts, then, asked
        self._now = parts.clock()
        self._at = _instant(asked.at, then, self._now)
        self._index = parts.past.index(then, removed=REMOVED in asked.query.status)
        self._cards: dict[ModelId, RateCard] = {}
        self._rejected: dict[ModelId, Rejected] = {}

    @property
    def headers(self) -> dict[str, str]:
        """Which list the prices are from. What was asked by a body is kept by no cache."""
        fields = self._then.fields(self._now.timestamp())
        return {name.decode(): value.decode() for name, value in fields if name not in _OF_CACHES}

    def answer(self) -> CostAnswer:
        """All of it."""
        asked = self._asked
        rows = self._rows()
        size = sum(_WEEK if is_weekly(each) else 1 for each in asked.workloads)
        if len(rows) * size > MAX_QUOTED:
            raise InvalidBody(
                f"At most {MAX_QUOTED} models times workloads are priced by one call, one with hours of a week counting"
                f" for {_WEEK}; got {len(rows)} times {size}",
                code="TOO_MANY_WORKLOADS",
            )
        compared = None if asked.break_even is None else self._break_even(asked.break_even, asked.workloads[0])
        current = self._current()
        removed = frozenset(row.model.id for row in rows if row.status == REMOVED)
        quotes = ranked(self._quote(self._card(row)) for row in rows)[: asked.limit]
        return CostAnswer(
            serial=self._then.serial,
            as_of=self._at,
            taken_at=self._then.changed_at.astimezone(UTC),
            agreed_at=self._then.agreed_at.astimezone(UTC),
            quotes=tuple(self._shown(each, current, removed) for each in quotes),
            current=None if current is None else self._shown(current, None, removed),
            rejected=tuple(self._rejected.values()),
            break_even=compared,
        )

    def _rows(self) -> tuple[Row, ...]:
        if self._asked.ids is None:
            rows = search(self._index, self._asked.query, now=self._at).rows
            # Those that are named are priced whatever they can do; of all others a price would only be in the way.
            return tuple(row for row in rows if unfit(row.model, self._asked.workloads) is None)
        return tuple(row for row in map(self._find, self._asked.ids) if row is not None)

    def _find(self, model: ModelId) -> Row | None:
        """The row of an id; one that is not in the list is rejected."""
        row = self._index.find(model)
        if row is None and model not in self._rejected:
            explained = len(self._rejected) < _MAX_EXPLAINED
            self._rejected[model] = self._why_not(model) if explained else Rejected(model, "not in this list", ())
        return row

    def _why_not(self, model: ModelId) -> Rejected:
        moment = "" if self._asked.at is None else _moment_text(self._asked.at)
        try:
            look_up(self._parts, model, {"as_of": moment, "view": "listed"})
        except UnknownModel as refusal:
            return Rejected(model, f"{refusal.message}. {refusal.hint}", refusal.near)
        except ModelRemoved as refusal:
            near = tuple(successor.id for successor in refusal.removed.successors)
            last = refusal.removed.last_seen_at
            hint = "" if last is None else f" Ask with as_of={exact(last)} for its last prices."
            return Rejected(model, f"{refusal.message}. {refusal.hint}{hint}", near)
        return Rejected(model, "not in this list", ())

    def _card(self, row: Row) -> RateCard:
        model = row.model.id
        if model not in self._cards:
            self._cards[model] = rate_card(row.model)
        return self._cards[model]

    def _quote(self, card: RateCard) -> Quote:
        return quote(card, self._asked.workloads, now=self._at)

    def _current(self) -> Quote | None:
        row = None if self._asked.current is None else self._find(self._asked.current)
        return None if row is None else self._quote(self._card(row))

    def _shown(self, priced: Quote, current: Quote | None, removed: frozenset[ModelId]) -> ShownQuote:
        asked, growth = self._asked, self._asked.growth
        return show_quote(
            priced,
            Beside(
                assumed=tuple(self._assumed(priced.id, removed)),
                difference=None if current is None else difference(priced, current),
                affordable=None if asked.budget is None else affordable(self._one(priced), asked.budget),
                months=() if growth is None else months(growth),
                requests=sum(each.all_requests for each in asked.workloads),
            ),
        )

    def _one(self, priced: Quote) -> Quote:
        """The quote of what a budget buys: one request, or all workloads together where there are several."""
        workload = self._asked.workloads[0]
        if len(self._asked.workloads) > 1 or is_weekly(workload) or workload.requests == 1:
            return priced
        return quote(self._cards[priced.id], msgspec.structs.replace(workload, requests=1), now=self._at)

    def _assumed(self, model: ModelId, removed: frozenset[ModelId]) -> Iterator[str]:
        row = self._index.find(model)
        if row is not None:
            yield from doubts(row.model, self._asked.workloads)
        if model in removed:
            yield "no longer listed: these are its last prices"
        if len(self._cards[model].edges) > 1 and any(each.at is None for each in self._asked.workloads):
            yield f"`at` is not stated: the prices are those of {exact(self._at)}"

    def _break_even(self, asked: BreakEvenAsked, workload: Workload) -> ShownBreakEven | None:
        found = [(row, self._card(row)) for row in map(self._find, map(ModelId, asked.models)) if row is not None]
        if len(found) < 2:
            return None
        (one, other) = (card for _, card in found)
        return show_break_even(
            (one.id, other.id), asked.axis.value, break_even(one, other, workload, asked.axis, now=self._at)
        )


def _instant(asked: datetime | Serial | None, then: Then, now: datetime) -> datetime:
    """The instant of the prices: what was asked for; the first of a Serial's list; else now."""
    if isinstance(asked, datetime):
        return asked.astimezone(UTC)
    return now if asked is None else then.changed_at


def _moment_text(asked: datetime | Serial) -> str:
    return exact(asked) if isinstance(asked, datetime) else str(asked)
