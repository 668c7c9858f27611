"""What a workload costs at models that are named or that a filter chooses."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from llmanac.answers.context import AnswerContext
from llmanac.answers.cost_request import BreakEvenAsked, Costing, is_weekly
from llmanac.answers.list_ref import ListRef, exact
from llmanac.answers.show_model import ModelRemoved, show_model
from llmanac.answers.unknown_model import UnknownModel
from llmanac.catalogue.ids import ModelId, Serial
from llmanac.cost.break_even import break_even
from llmanac.cost.budget import affordable
from llmanac.cost.capability import doubts, unfit
from llmanac.cost.growth import months
from llmanac.cost.quote import Quote, quote
from llmanac.cost.rank import difference, ranked
from llmanac.cost.workload import Workload
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
from llmanac.render.listing import View

_MAX_EXPLAINED = 20
"""Ids whose absence is looked into; that takes a question to the store each."""


def quote_cost(context: AnswerContext, list_ref: ListRef, costing: Costing) -> CostAnswer:
    """What a list makes of it. Some 100 microseconds for each model.

    Raises:
        InvalidBody: There is too much to price.
        StoreError: The store is needed and cannot be read.
    """
    return _Costs(context, list_ref, costing).answer()


class _Costs:
    """What one call prices, and the models it finds."""

    def __init__(self, context: AnswerContext, list_ref: ListRef, costing: Costing) -> None:
        self._context, self._list_ref, self._costing = context, list_ref, costing
        self._at = _instant(costing.at, list_ref, context.clock())
        self._index = context.lists.index(list_ref, removed=REMOVED in costing.query.status)
        self._cards: dict[ModelId, RateCard] = {}
        self._rejected: dict[ModelId, Rejected] = {}

    def answer(self) -> CostAnswer:
        """All of it."""
        costing = self._costing
        rows = self._rows()
        costing.check_size(len(rows))
        compared = None if costing.break_even is None else self._break_even(costing.break_even, costing.workloads[0])
        current = self._current()
        removed = frozenset(row.model.id for row in rows if row.status == REMOVED)
        quotes = ranked(self._quote(self._card(row)) for row in rows)[: costing.limit]
        return CostAnswer(
            serial=self._list_ref.serial,
            as_of=self._at,
            taken_at=self._list_ref.changed_at.astimezone(UTC),
            agreed_at=self._list_ref.agreed_at.astimezone(UTC),
            quotes=tuple(self._shown(each, current, removed) for each in quotes),
            current=None if current is None else self._shown(current, None, removed),
            rejected=tuple(self._rejected.values()),
            break_even=compared,
        )

    def _rows(self) -> tuple[Row, ...]:
        if self._costing.ids is None:
            rows = search(self._index, self._costing.query, now=self._at).rows
            # Those that are named are priced whatever they can do; of all others a price would only be in the way.
            return tuple(row for row in rows if unfit(row.model, self._costing.workloads) is None)
        return tuple(row for row in map(self._find, self._costing.ids) if row is not None)

    def _find(self, model: ModelId) -> Row | None:
        """The row of an id; one that is not in the list is rejected."""
        row = self._index.find(model)
        if row is None and model not in self._rejected:
            explained = len(self._rejected) < _MAX_EXPLAINED
            self._rejected[model] = self._why_not(model) if explained else Rejected(model, "not in this list", ())
        return row

    def _why_not(self, model: ModelId) -> Rejected:
        try:
            show_model(self._context, self._list_ref, model, View.LISTED)
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
        return quote(card, self._costing.workloads, now=self._at)

    def _current(self) -> Quote | None:
        row = None if self._costing.current is None else self._find(self._costing.current)
        return None if row is None else self._quote(self._card(row))

    def _shown(self, priced: Quote, current: Quote | None, removed: frozenset[ModelId]) -> ShownQuote:
        costing, growth = self._costing, self._costing.growth
        return show_quote(
            priced,
            Beside(
                assumed=tuple(self._assumed(priced.id, removed)),
                difference=None if current is None else difference(priced, current),
                affordable=None if costing.budget is None else affordable(self._one(priced), costing.budget),
                months=() if growth is None else months(growth),
                requests=sum(each.all_requests for each in costing.workloads),
            ),
        )

    def _one(self, priced: Quote) -> Quote:
        """The quote of what a budget buys: one request, or all workloads together where there are several."""
        workload = self._costing.workloads[0]
        if len(self._costing.workloads) > 1 or is_weekly(workload) or workload.requests == 1:
            return priced
        return quote(self._cards[priced.id], msgspec.structs.replace(workload, requests=1), now=self._at)

    def _assumed(self, model: ModelId, removed: frozenset[ModelId]) -> Iterator[str]:
        row = self._index.find(model)
        if row is not None:
            yield from doubts(row.model, self._costing.workloads)
        if model in removed:
            yield "no longer listed: these are its last prices"
        if len(self._cards[model].edges) > 1 and any(each.at is None for each in self._costing.workloads):
            yield f"`at` is not stated: the prices are those of {exact(self._at)}"

    def _break_even(self, costing: BreakEvenAsked, workload: Workload) -> ShownBreakEven | None:
        found = [(row, self._card(row)) for row in map(self._find, map(ModelId, costing.models)) if row is not None]
        if len(found) < 2:
            return None
        (one, other) = (card for _, card in found)
        return show_break_even(
            (one.id, other.id), costing.axis.value, break_even(one, other, workload, costing.axis, now=self._at)
        )


def _instant(costing: datetime | Serial | None, list_ref: ListRef, now: datetime) -> datetime:
    """The instant of the prices: what was asked for; the first of a Serial's list; else now."""
    if isinstance(costing, datetime):
        return costing.astimezone(UTC)
    return now if costing is None else list_ref.changed_at
