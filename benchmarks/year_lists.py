"""A series of daily lists → the list of every hour of a year, deterministically.

The differences of each step are spread over the hours between its two lists: every member of a model that differs,
every model that comes or goes, and the order, each lands in an hour of its own that is drawn. The series is played
forth and back. Nothing comes twice: in a later pass a price that changes is another one, a model that changes says in
`hugging_face_id` in which pass, and a model that was gone in an earlier pass comes again under another id.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import msgspec

from benchmarks.year_series import Listing, Record, renamed, scaled
from benchmarks.year_windows import in_force

SEED = 2026
MARKED = "hugging_face_id"
VOLATILE = "benchmarks"
WHOLE = ""
"""Stands for the member when a whole model comes or goes."""
ORDER = "order"

_HOUR = timedelta(hours=1)
_ELO = re.compile(rb'("elo":)([0-9]+)')


@dataclass(frozen=True, slots=True)
class HourlyList:
    """One hour's answer. `landed` counts what differs from the hour before, by member; none: the same bytes."""

    at: datetime
    body: bytes
    models: int
    landed: Counter[str]


@dataclass(slots=True)
class _Model:
    """A model as it is listed now. `encoded` is its JSON, None when that must be made anew."""

    id: str
    members: dict[str, bytes]
    marked: int
    encoded: bytes | None = None


@dataclass(slots=True)
class _Year:
    """What is listed, by the ids of the series."""

    listed: dict[str, _Model]
    order: Sequence[str]
    gone_in: dict[str, int] = field(default_factory=dict)
    """The pass in which a model left."""
    times: Counter[str] = field(default_factory=Counter)
    """How often a model came again in a later pass than it left in."""


def hourly_lists(
    series: Sequence[Listing], windowed: Sequence[Record], *, begin: datetime, hours: int, arenas_per_day: int = 0
) -> Iterator[HourlyList]:
    """So many lists, an hour apart.

    Args:
        series: At least two lists.
        windowed: Models that stay all the time, and whose base price is that of the window in force.
        begin: The instant of the first list.
        arenas_per_day: How often the arena figures of all models come anew, beyond what differs in the series.
    """
    first = series[0]
    year = _Year({model: _Model(model, dict(record), 0) for model, record in first.models.items()}, list(first.models))
    windows: tuple[bytes, ...] = ()
    landed: Counter[str] = Counter({WHOLE: len(year.listed)})
    for hour, step in enumerate(_steps(series)):
        if hour == hours:
            return
        at = begin + hour * _HOUR
        if hour:
            landed = _land(year, step)
            if arenas_per_day and hour % (24 // arenas_per_day) == 0:
                landed[VOLATILE] += _stir_arenas(year, random.Random(f"{SEED} arena {hour}"))
        before, windows = windows, tuple(in_force(model, at) for model in windowed)
        if hour:
            landed["windows"] += sum(was != now for was, now in zip(before, windows, strict=True))
        records = [*_records(year), *windows]
        yield HourlyList(at, _body(records), len(records), +landed)


@dataclass(frozen=True, slots=True)
class _Hour:
    """What lands in one hour of a step between two lists. `order` is that of both together."""

    number: int
    edits: Sequence[tuple[str, str]]
    after: Mapping[str, Record]
    order: Sequence[str]
    reordered: bool


def _steps(series: Sequence[Listing]) -> Iterator[_Hour]:
    """Every hour from the first list on, without end. `number` is that of the pass."""
    yield _Hour(0, (), series[0].models, list(series[0].models), reordered=False)
    there = list(pairwise(series))
    back = [(after, before) for before, after in reversed(there)]
    turn = 0
    while True:
        for before, after in there if turn % 2 == 0 else back:
            yield from _step(before, after, turn)
        turn += 1


def _step(before: Listing, after: Listing, turn: int) -> Iterator[_Hour]:
    hours = max(1, round(abs(after.at - before.at) / _HOUR))
    draw = random.Random(f"{SEED} {turn} {before.at} {after.at}")
    edits: dict[int, list[tuple[str, str]]] = {}
    for model, member in _differences(before.models, after.models):
        edits.setdefault(draw.randrange(hours), []).append((model, member))
    old, new = _merged(before.models, after.models), _merged(after.models, before.models)
    # Upstream sorts a list as a whole, so the other order comes at once.
    other_order = draw.randrange(hours)
    for hour in range(hours):
        reordered = hour == other_order and old != new
        order = new if hour >= other_order else old
        yield _Hour(turn, edits.get(hour, ()), after.models, order, reordered)


def _differences(before: Mapping[str, Record], after: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    """Model and member, in an order that depends on the lists alone."""
    for model in sorted(before.keys() | after.keys()):
        was, now = before.get(model), after.get(model)
        if was is None or now is None:
            yield model, WHOLE
        else:
            yield from ((model, name) for name in sorted(was.keys() | now.keys()) if was.get(name) != now.get(name))


def _merged(order: Iterable[str], more: Iterable[str]) -> Sequence[str]:
    """The order, and what only `more` has after its neighbour there."""
    known = set(order)
    after: dict[str | None, list[str]] = {}
    neighbour = None
    for model in more:
        if model in known:
            neighbour = model
        else:
            after.setdefault(neighbour, []).append(model)
    merged = after.get(None, [])
    for model in order:
        merged += [model, *after.get(model, ())]
    return merged


def _land(year: _Year, hour: _Hour) -> Counter[str]:
    landed: Counter[str] = Counter()
    for model, member in hour.edits:
        landed[member] += 1
        if member == WHOLE:
            _come_or_go(year, model, hour)
        else:
            _change(year.listed[model], member, hour.after[model].get(member), hour.number)
    if hour.reordered:
        known = year.listed.keys() & set(year.order)
        landed[ORDER] += [name for name in year.order if name in known] != [
            name for name in hour.order if name in known
        ]
    year.order = hour.order
    return landed


def _come_or_go(year: _Year, model: str, hour: _Hour) -> None:
    if model in year.listed:
        del year.listed[model]
        year.gone_in[model] = hour.number
        return
    if year.gone_in.get(model, hour.number) != hour.number:
        year.times[model] += 1
    shown = renamed(model, f"r{year.times[model]}") if year.times[model] else model
    members = dict(hour.after[model])
    members["pricing"] = _priced(members["pricing"], hour.number)
    year.listed[model] = _Model(shown, members, hour.number)


def _change(model: _Model, member: str, value: bytes | None, turn: int) -> None:
    if value is None:
        model.members.pop(member, None)
    else:
        model.members[member] = _priced(value, turn) if member == "pricing" else value
    if member != VOLATILE:
        model.marked = turn
    model.encoded = None


def _stir_arenas(year: _Year, draw: random.Random) -> int:
    """New figures for all models that have some, near the old ones as upstream's are; how many that is."""
    stirred = [model for model in year.listed.values() if b'"elo"' in model.members.get(VOLATILE, b"")]
    for model in stirred:
        model.members[VOLATILE] = _ELO.sub(
            lambda found: b"%b%d" % (found[1], int(found[2]) + draw.randint(-3, 3)), model.members[VOLATILE]
        )
        model.encoded = None
    return len(stirred)


def _priced(pricing: bytes, turn: int) -> bytes:
    return scaled(pricing, Decimal(1000 + turn) / 1000) if turn else pricing


def _records(year: _Year) -> Iterator[bytes]:
    for name in year.order:
        model = year.listed.get(name)
        if model is not None:
            if model.encoded is None:
                model.encoded = _encoded(model)
            yield model.encoded


def _encoded(model: _Model) -> bytes:
    members = dict(model.members)
    members["id"] = msgspec.json.encode(model.id)
    if model.marked:
        stated = msgspec.json.decode(members.get(MARKED, b"null"), type=str | None) or ""
        members[MARKED] = msgspec.json.encode(f"{stated}#{model.marked}")
    return msgspec.json.encode({name: msgspec.Raw(value) for name, value in members.items()})


def _body(records: Sequence[bytes]) -> bytes:
    return b'{"data":[%b],"total_count":%d,"links":{"next":null}}' % (b",".join(records), len(records))
