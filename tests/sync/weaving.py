"""Small series as hypothesis draws them, woven into stores of their own, and what such a store must then say."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

from hypothesis import strategies as st
from sqlalchemy import event

from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.snapshot import ListScope, Part, RawPage, Snapshot
from llmanac.store.database import Database
from llmanac.store.rows import Scope, SeriesKey
from llmanac.store.store import Store
from llmanac.sync.weave import Arrival
from tests.build import Record, architecture, pricing, record
from tests.contract.oracle import Json, parse
from tests.store.saving import HOUR, NOON, Saver
from tests.store.tables import empty
from tests.strategies import page, spell, taken

IDS = ("acme/owl", "acme/owl:free", "~acme/owl-latest", "zebra/brush")
KEY = SeriesKey("openrouter", "http://upstream.test", Scope.ALL)
DAY = timedelta(days=1)

_JUNK = ('{"id": 7}', "null", '{"id": "acme/owl", "pricing": {"prompt": "dear"}}')
_WINDOWS: list[Record] = [{"utc_start": 0, "utc_end": 1200, "prompt": "0.0000004"}, {"utc_start": 1200, "utc_end": 0}]
_VARIANTS: tuple[Record, ...] = (
    {},
    {"name": "Renamed"},
    {"description": None, "context_length": 1},
    {"expiration_date": "2026-12-01"},
    {"expiration_date": "2098-12-31", "new": [1.0, "1.0"]},
    {"pricing": pricing(prompt="0.0000005")},
    {"pricing": pricing(prompt="0.00000040")},
    {"pricing": pricing(prompt="0.0000004", completion="0")},
    {"pricing": pricing(overrides=_WINDOWS)},
    {"supported_parameters": ["top_p", "max_tokens"]},
)
_MEASURED: tuple[Record, ...] = ({}, {"benchmarks": None}, {"benchmarks": {"elo": 1}}, {"benchmarks": [2.50]})


@dataclass(frozen=True)
class Row:
    """A row of a list: a record, or what is no model."""

    tree: Json
    junk: str = ""

    def spelt(self, dice: Random | None) -> str:
        return spell(self.tree, dice) if self.tree is not None else self.junk


@dataclass(frozen=True)
class Had:
    """A list that was had at an instant, in one of its spellings."""

    at: datetime
    scope: ListScope
    rows: tuple[Row, ...]
    spelling: int

    @property
    def body(self) -> bytes:
        return page([row.spelt(Random(self.spelling) if self.spelling else None) for row in self.rows])

    @cached_property
    def taken(self) -> Snapshot:
        return taken(self.body, at=self.at)

    @property
    def arrival(self) -> Arrival:
        raw = RawPage(Part.MODELS, "http://upstream.test/models", self.body)
        return Arrival(self.taken, self.scope, Origin.IMPORT, (raw,))


def rows() -> st.SearchStrategy[tuple[Row, ...]]:
    """A list of some of the few models, each in one of its few variants, and rows that are none."""
    models = st.lists(st.sampled_from(IDS), min_size=1, unique=True).flatmap(
        lambda ids: st.tuples(*(_model(name) for name in ids)).map(list)
    )
    junk: st.SearchStrategy[list[Row]] = st.lists(st.sampled_from(_JUNK).map(lambda text: Row(None, text)), max_size=1)
    return st.builds(lambda some, others, dice: _shuffled([*some, *others], dice), models, junk, st.integers(0, 9))


def _shuffled(some: list[Row], dice: int) -> tuple[Row, ...]:
    Random(dice).shuffle(some)
    return tuple(some)


def _model(name: str) -> st.SearchStrategy[Row]:
    return st.builds(
        lambda variant, measured: Row(parse(json.dumps(made(name, variant, measured)).encode())),
        st.sampled_from(range(len(_VARIANTS))),
        st.sampled_from(range(len(_MEASURED))),
    )


def made(name: str, variant: int = 0, measured: int = 0) -> Record:
    """One of the few models; `zebra/brush` gives no text."""
    outputs = ("image",) if name.startswith("zebra") else ("text",)
    usual: Record = {"id": name, "architecture": architecture(outputs=outputs)}
    return record(**(usual | _VARIANTS[variant] | _MEASURED[measured]))


def series(min_size: int = 1, max_size: int = 7) -> st.SearchStrategy[list[Had]]:
    """Lists at different instants, some of them equal, in the order of time."""
    instant = st.integers(0, 40).map(lambda days: NOON + days * DAY) | st.integers(0, 3).map(lambda n: NOON + n * HOUR)
    # A number first: lists of any length would mostly be short.
    instants = st.integers(min_size, max_size).flatmap(
        lambda count: st.lists(instant, min_size=count, max_size=count, unique=True)
    )
    return st.lists(rows(), min_size=1, max_size=3).flatmap(
        lambda lists: instants.flatmap(lambda found: st.tuples(*(_had(at, lists) for at in sorted(found))).map(list))
    )


def _had(at: datetime, lists: Sequence[tuple[Row, ...]]) -> st.SearchStrategy[Had]:
    scopes = st.sampled_from((ListScope.ALL, ListScope.ALL, ListScope.TEXT))
    return st.builds(Had, st.just(at), scopes, st.sampled_from(lists), st.integers(0, 3))


class Stores:
    """As many empty stores at a time as are asked for, on SQLite; they are emptied and used again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Store] = []
        self._free: list[Store] = []

    @contextmanager
    def saver(self, flap: timedelta = 10 * DAY, *, key: SeriesKey = KEY) -> Iterator[Saver]:
        store = self._free.pop() if self._free else self._make()
        series_id = store.open_series(key).id
        assert store.acquire_lease("saver", DAY)
        try:
            yield Saver(store, series_id, "saver", flap)
        finally:
            empty(store)
            self._free.append(store)

    def _make(self) -> Store:
        database = Database(f"sqlite:///{self._folder / f'{len(self._made)}.db'}")
        # Nobody pulls the plug on these, and waiting for the disk takes longer than all the rest.
        event.listen(database.engine, "connect", lambda opened, _: opened.execute("PRAGMA synchronous = OFF"))
        made = Store(database)
        made.migrate()
        self._made.append(made)
        return made

    def close(self) -> None:
        for store in self._made:
            store.close()


@dataclass(frozen=True)
class Run:
    """Consecutive fetches of one scope with one list."""

    serial: int
    fetches: tuple[Had, ...]

    @property
    def first(self) -> Had:
        return self.fetches[0]


def runs(found: Iterable[Had]) -> list[Run]:
    """The snapshots that there must be, in the order of their Serials."""
    ordered = sorted(found, key=lambda had: had.at)
    parts: list[list[Had]] = []
    for scope in ListScope:
        last = None
        for had in ordered:
            if had.scope is scope:
                if had.taken.digest != last:
                    parts.append([])
                parts[-1].append(had)
                last = had.taken.digest
    parts.sort(key=lambda part: part[0].at)
    return [Run(serial, tuple(part)) for serial, part in enumerate(parts, start=1)]


def listed_at(found: Sequence[Had], instant: datetime) -> Had | None:
    """The fetch that tells what the list was: that of the instant, else the newest that no broader one preceded."""
    then = {had.at: had for had in found if had.at <= instant}
    if instant in then:
        return then[instant]
    loud = [at for at, had in then.items() if had.scope.breadth or not _broader(found, at)]
    return then[max(loud)] if loud else None


def _broader(found: Iterable[Had], instant: datetime) -> bool:
    return any(had.scope.breadth and had.at < instant for had in found)


def contents(snapshot: Snapshot) -> Mapping[ModelId, bytes]:
    """Records by id."""
    return {model.id: model.record for model in snapshot.models}
