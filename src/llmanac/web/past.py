"""Lists other than the one that is served: as they were (`as_of`), and narrowed by `status`.

An earlier list is put together from its versions. Lists of neighbouring days share nearly all of them, so what a
version looks like is kept, and a list that was never asked for takes some milliseconds; see `store.past`.

Nothing that was kept outlives the state of the series it was read in: an import may renumber Serials, put a list
between two others, and tell an older spelling of a record.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Generic

import msgspec

from llmanac.catalogue.catalogue import Catalogue, Origin
from llmanac.catalogue.ids import NO_SERIAL, Serial
from llmanac.clock import Clock
from llmanac.errors import InvalidParameter, NotFound
from llmanac.render.listing import REMOVED, compose
from llmanac.store.past import Extent
from llmanac.store.store import Store
from llmanac.sync.current import Current, Held, Ready, Source
from llmanac.sync.load import bundled_catalogue
from llmanac.web.answers import Coded, encode
from llmanac.web.kept import Kept, Once
from llmanac.web.negotiate import Coding
from llmanac.web.problems import Problem
from llmanac.web.question import Question
from llmanac.web.shown import KeptShown, Models, models_gone, models_of, models_then

_AT_ONCE = 2
"""Lists put together at one time. They share the interpreter with the answers from memory, which must not wait."""

_Key = tuple[object, ...]


class Then(msgspec.Struct, frozen=True):
    """A list that can be shown, and how it stands.

    `agreed_at`: when upstream was last seen to agree with it. `settled`: no later fetch can make another answer of it.
    `removed_by`: the instant as of which models are removed; None is now.
    """

    serial: Serial
    source: Source
    changed_at: datetime
    agreed_at: datetime
    settled: bool = False
    snapshot_id: int | None = None
    """The list in the store; None: it is in `catalogue`."""
    catalogue: Catalogue | None = None
    removed_by: datetime | None = None


class NoList(Problem, frozen=True):
    """No list is known of what was asked for. How far those reach that are known; all null while there is none."""

    first: Annotated[datetime | None, msgspec.Meta(description="When the first list was had.")]
    newest: Annotated[datetime | None, msgspec.Meta(description="When the newest was had, or had again.")]
    first_serial: int | None
    newest_serial: int | None


class NoListThen(NotFound):
    """Answered as NoList."""

    code = "NO_LIST_THEN"

    def __init__(self, message: str, extent: Extent | None, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.extent = extent

    @property
    def members(self) -> Mapping[str, object]:
        """See `NoList`."""
        known = self.extent
        return {
            "first": known and known.first_at,
            "newest": known and known.newest_at,
            "first_serial": known and known.first_serial,
            "newest_serial": known and known.newest_serial,
        }


class _Memory(Generic[Ready]):
    """What was found and made in one state of the series."""

    def __init__(self, held: Held[Ready], max_bytes: int) -> None:
        self.held = held
        # What versions look like is worth more than whole bodies, which are put together from it in some milliseconds.
        self.moments: Kept[datetime | Serial, Then] = Kept(max_bytes // 64)
        self.coded: Kept[_Key, Coded] = Kept(max_bytes // 8)
        self.shown: KeptShown = Kept(max_bytes - max_bytes // 8 - max_bytes // 64)


class Past(Generic[Ready]):
    """Finds lists and makes their answers. The methods without `async` block; they may be called from any thread."""

    def __init__(
        self,
        store: Store,
        current: Current[Ready],
        *,
        configured: bool,
        hide_unconfigured: bool,
        bundle: bool,
        max_bytes: int,
        clock: Clock,
    ) -> None:
        """Nothing is read yet.

        Args:
            bundle: Whether the bundle may be shown, as Serial 0.
            max_bytes: What may be kept, about.
        """
        self._store = store
        self._current = current
        self._configured = configured
        self._hidden = hide_unconfigured and not configured
        self._bundle = bundle
        self._max_bytes = max_bytes
        self._clock = clock
        self._memory = _Memory(current.held, max_bytes)
        slots = asyncio.Semaphore(_AT_ONCE)
        self._finding: Once[Then] = Once(slots)
        self._making: Once[Coded] = Once(slots)

    async def answer(self, question: Question, coding: Coding) -> tuple[Then, Coded]:
        """The list and its body in one coding; from memory when it was made before.

        Raises:
            InvalidParameter, NoListThen, StoreError: As `find`.
        """
        memory, at = self._fresh(), question.at
        then = self._known(memory, at)
        if then is None:
            then = await self._finding.do((memory, at), partial(self._find, memory, at))
        key = _key(then, question, coding)
        coded = memory.coded.find(key)
        if coded is None:
            coded = await self._making.do((memory, key), partial(self._make, memory, then, question, coding))
        return then, coded

    def find(self, at: datetime | Serial | None) -> Then:
        """The list of an instant or a Serial; None is the one that is served.

        Raises:
            InvalidParameter: The instant is in the future.
            NoListThen: There is no such list; also while none is served.
            StoreError: The store cannot be read.
        """
        memory = self._fresh()
        return self._known(memory, at) or self._find(memory, at)

    def render(self, then: Then, question: Question) -> bytes:
        """The answer's JSON, uncompressed."""
        return self._render(self._fresh(), then, question)

    def _fresh(self) -> _Memory[Ready]:
        if self._memory.held is not self._current.held:
            self._memory = _Memory(self._current.held, self._max_bytes)
        return self._memory

    def _known(self, memory: _Memory[Ready], at: datetime | Serial | None) -> Then | None:
        """What can be told without asking the store."""
        if at is not None:
            return memory.moments.find(at)
        catalogue, standing = memory.held.catalogue, memory.held.standing
        if catalogue is None or standing is None:
            return None
        return Then(catalogue.serial, standing.source, catalogue.changed_at, standing.agreed_at, catalogue=catalogue)

    def _find(self, memory: _Memory[Ready], at: datetime | Serial | None) -> Then:
        now = self._clock()
        if isinstance(at, datetime) and at > now:
            raise InvalidParameter(f"as_of: Expected an instant up to now, which is {exact(now)}, got {exact(at)}")
        series_id = memory.held.state.id
        found = None if at is None or at == NO_SERIAL else self._store.past_list(series_id, at)
        if found is not None:
            then = Then(
                found.serial,
                Source.IMPORT if found.origin is Origin.IMPORT else Source.STORE,
                found.taken_at,
                found.agreed_at,
                settled=not isinstance(at, datetime) or at <= found.newest_at,
                snapshot_id=found.id,
                removed_by=found.seen_at,
            )
        elif at == NO_SERIAL and (bundled := self._bundled(memory.held)) is not None:
            then = Then(NO_SERIAL, Source.BUNDLED, bundled.changed_at, bundled.changed_at, catalogue=bundled)
        else:
            raise _no_list(at, self._store.extent(series_id))
        if at is not None:
            memory.moments.keep(at, then, 0)
        return then

    def _bundled(self, held: Held[Ready]) -> Catalogue | None:
        if held.catalogue is not None and held.catalogue.serial == NO_SERIAL:
            return held.catalogue
        return bundled_catalogue() if self._bundle else None

    def _make(self, memory: _Memory[Ready], then: Then, question: Question, coding: Coding) -> Coded:
        coded = encode(self._render(memory, then, question), coding, quick=True)
        memory.coded.keep(_key(then, question, coding), coded, len(coded.body))
        return coded

    def _render(self, memory: _Memory[Ready], then: Then, question: Question) -> bytes:
        source = memory.held.state.key.source
        if self._hidden:
            return compose(source, (), configured=self._configured)
        view, wanted = question.view, question.statuses
        if then.snapshot_id is not None:
            models = models_then(self._store, then.snapshot_id, view, memory.shown)
        else:
            assert then.catalogue is not None, "a list is in the store or in memory"
            models = models_of(then.catalogue, view)
        if not wanted:
            return compose(source, models, configured=self._configured)
        gone: Models = []
        if REMOVED in wanted and then.serial != NO_SERIAL:
            left = self._store.gone_by(memory.held.state.id, then.removed_by)
            gone = models_gone(left, view, listed={model.id for model, _ in models})
        listed = [(model, whole) for model, whole in models if model.status in wanted]
        return compose(source, listed + gone, configured=self._configured)


def _key(then: Then, question: Question, coding: Coding) -> _Key:
    """What a body depends on; of two instants with the same list it is the same."""
    which = then.serial if then.snapshot_id is None else None
    removed_by = then.removed_by if REMOVED in question.statuses else None
    return (then.snapshot_id, which, removed_by, question.view, question.statuses, coding)


def _no_list(at: datetime | Serial | None, extent: Extent | None) -> NoListThen:
    if extent is None or at is None:
        return NoListThen("No list has been saved yet, so there is none to look back at", extent)
    if isinstance(at, datetime):
        first = exact(extent.first_at)
        words = f"There is no list of {exact(at)}: the first is of {first}"
        return NoListThen(words, extent, hint=f"Ask with as_of={first} or later.")
    have = f"{extent.first_serial} to {extent.newest_serial}"
    words = f"There is no list with Serial {at}; the Serials of this list are {have}"
    return NoListThen(words, extent, hint=f"Ask with a Serial of {have}, or with an instant.")


def exact(instant: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond where there are any: sent back it is the same instant."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
