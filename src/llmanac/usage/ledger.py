"""Calls → what they cost by model and period: each at the price in force when it was made."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from enum import StrEnum
from types import MappingProxyType

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.pricing.decimal_math import DIGITS
from llmanac.pricing.rate_card import RateCard
from llmanac.usage.call import HOUR_US, Call
from llmanac.usage.cell import Cell, one_price
from llmanac.usage.instants import instant_of
from llmanac.usage.names import Named, Names
from llmanac.usage.slot import NEVER, Slot, kind_of
from llmanac.usage.timeline import Timeline

_MINUTE_US = 60_000_000
_WEEK_MINUTES = 7 * 24 * 60
_THURSDAY = 3 * 24 * 60
"""1970-01-01, in minutes since a Monday."""
_DAY_US = 24 * HOUR_US
_MAX_SLOTS = 100_000
"""Days of names that are remembered; beyond it they are looked up anew, so that memory stays bounded."""
_ANY_LENGTH = 1 << 62
_NOTHING = Decimal(0)
_EXACT = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])


class Period(StrEnum):
    """Spans of time that a report can be parted by, in UTC."""

    DAY = "day"
    MONTH = "month"
    HOUR = "hour"


_FORMATS: Mapping[Period | None, str] = MappingProxyType(
    {None: "", Period.DAY: "%Y-%m-%d", Period.MONTH: "%Y-%m", Period.HOUR: "%Y-%m-%dT%H:00Z"}
)


class Prices(msgspec.Struct, frozen=True):
    """Where prices are from."""

    names: Names
    timeline: Callable[[ModelId], Timeline | None]
    """A model's, or None when it has none; asked once for each."""
    nearest: bool = False
    """Whether a call made while its model was not listed is priced by the list nearest before, or else after."""
    first_us: int | None = None
    """When the first list was had; calls before it were before all memory."""


class Unpriced(msgspec.Struct, frozen=True):
    """Why calls could not be priced at all."""

    name: str
    """As the file has it."""
    reason: str
    near: tuple[str, ...] = ()
    """Ids that look like it, where the name is of no model."""


class Ledger:
    """Takes calls in any order, and adds them up. What it keeps grows with the report and not with the calls."""

    def __init__(self, prices: Prices, period: Period | None) -> None:
        self._prices = prices
        self._format = _FORMATS[period]
        self._named: dict[str, Named] = {}
        self._timelines: dict[ModelId, Timeline | None] = {}
        self._unit_us = HOUR_US if period is Period.HOUR else _DAY_US
        self._slots: dict[tuple[str, int], Slot] = {}
        self._hours: dict[tuple[str, int], Slot] = {}
        """Of days with several prices."""
        self._cells: dict[tuple[ModelId, str, int, int, int], Cell] = {}
        self._cards: dict[tuple[ModelId, int, int], RateCard] = {}
        self._sure: dict[tuple[ModelId, int, int], bool] = {}
        self.unpriced: dict[Unpriced, int] = {}
        """Calls that could not be priced, counted by why."""
        self.assumed: dict[str, int] = {}
        """What was taken to be so, and for how many calls."""

    @property
    def cells(self) -> Iterable[Cell]:
        """All sums."""
        return self._cells.values()

    def add(self, calls: Iterable[Call]) -> None:
        """Add calls up; about a microsecond each."""
        with localcontext(_EXACT):
            self._add(calls)

    def _add(self, calls: Iterable[Call]) -> None:
        slots, unit_us = self._slots, self._unit_us
        for call in calls:
            slot = slots.get((call.name, call.at_us // unit_us))
            if slot is None:
                slot = self._open(call, slots, unit_us)
            if call.prompt <= slot.limit and call.extras is None:
                cell = slot.cell(call)
            else:
                found = self._cell_of(call)
                if found is None:
                    continue
                cell = found
            cell.calls += 1
            cell.prompt += call.prompt
            cell.completion += call.completion
            cell.cached += call.cached
            cell.reasoning += call.reasoning
            if call.stated is not None:
                cell.stated = (cell.stated or _NOTHING) + call.stated

    def _open(self, call: Call, slots: dict[tuple[str, int], Slot], unit_us: int) -> Slot:
        if len(slots) >= _MAX_SLOTS:
            slots.clear()
        unit = call.at_us // unit_us
        slot = slots[call.name, unit] = self._made(call.name, unit * unit_us, unit_us) or Slot(NEVER, None)
        return slot

    def _made(self, name: str, begin: int, unit_us: int) -> Slot | None:
        """What calls share that were made from then on, or None where they do not, or have something to be told."""
        named, end = self._name(name), begin + unit_us
        timeline = None if named.id is None else self._timeline(named.id)
        place = None if timeline is None else timeline.at(begin)
        if named.id is None or named.assumed or timeline is None or place is None:
            return None
        card, minute = timeline.spans[place].card, _minute(begin)
        if card is None or any(begin < edge < end for edge in timeline.edges):
            return None
        if any(minute < edge < minute + unit_us // _MINUTE_US for edge in card.edges):
            return None
        within = card.place(0, minute)
        if not self._is_sure(named.id, place, within, card):
            return None
        model, period, limit = named.id, self._period(begin), min(card.lengths, default=_ANY_LENGTH)
        return Slot(limit, lambda kind: self._cell(model, period, place, within, kind, card))

    def _is_sure(self, model: ModelId, place: int, within: int, card: RateCard) -> bool:
        """Whether a prompt and a completion can be priced, so that calls need not be told apart by having none."""
        key = (model, place, within)
        sure = self._sure.get(key)
        if sure is None:
            trial = Cell(model, "", self._one_price(model, place, within, card))
            trial.calls = trial.prompt = trial.completion = 1
            sure = self._sure[key] = card.zero_is_free and trial.quote(instant_of(0)).complete
        return sure

    def _cell_of(self, call: Call) -> Cell | None:
        """The cell of any call at all, with its extras added; None when it cannot be priced, which is counted."""
        if call.extras is None:
            slot = self._hours.get((call.name, call.at_us // HOUR_US)) or self._open(call, self._hours, HOUR_US)
            if call.prompt <= slot.limit:
                return slot.cell(call)
        named = self._name(call.name)
        timeline = None if named.id is None else self._timeline(named.id)
        if named.id is None or timeline is None:
            self._refuse(call.name, "not in any list", named.near)
            return None
        place = timeline.at(call.at_us)
        if place is None:
            if self._is_before_memory(call.at_us):
                why = f"before {instant_of(self._prices.first_us or 0):%Y-%m-%d %H:%M}, when the first list was had"
            else:
                why = timeline.why_not(call.at_us)
            if not self._prices.nearest:
                self._refuse(call.name, why)
                return None
            place = timeline.nearest(call.at_us)
            self._assume(f"{named.id}: calls {why} have the prices of the list nearest to them")
        card = timeline.spans[place].card
        if card is None:
            self._refuse(call.name, "its record of that time is not understood")
            return None
        if named.assumed:
            self._assume(named.assumed)
        extras = call.extras
        length = call.prompt + (0 if extras is None else extras.image_in + extras.audio_in)
        within = card.place(length, _minute(call.at_us))
        cell = self._cell(named.id, self._period(call.at_us), place, within, kind_of(call), card)
        if extras is not None:
            cell.add_extras(extras)
        return cell

    def _is_before_memory(self, us: int) -> bool:
        return self._prices.first_us is not None and us < self._prices.first_us

    def _refuse(self, name: str, reason: str, near: tuple[str, ...] = ()) -> None:
        why = Unpriced(name, reason, near)
        self.unpriced[why] = self.unpriced.get(why, 0) + 1

    def _assume(self, what: str) -> None:
        self.assumed[what] = self.assumed.get(what, 0) + 1

    def _cell(self, model: ModelId, period: str, place: int, within: int, kind: int, card: RateCard) -> Cell:
        key = (model, period, place, within, kind)
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = Cell(model, period, self._one_price(model, place, within, card))
        return cell

    def _one_price(self, model: ModelId, place: int, within: int, card: RateCard) -> RateCard:
        key = (model, place, within)
        made = self._cards.get(key)
        if made is None:
            made = self._cards[key] = one_price(card, within)
        return made

    def _period(self, us: int) -> str:
        return instant_of(us).strftime(self._format) if self._format else ""

    def _name(self, name: str) -> Named:
        named = self._named.get(name)
        if named is None:
            named = self._named[name] = self._prices.names.find(name)
        return named

    def _timeline(self, model: ModelId) -> Timeline | None:
        if model not in self._timelines:
            self._timelines[model] = self._prices.timeline(model)
        return self._timelines[model]


def _minute(us: int) -> int:
    """Minutes since Monday 00:00 UTC."""
    return (us // _MINUTE_US + _THURSDAY) % _WEEK_MINUTES
