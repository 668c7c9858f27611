"""Lists from elsewhere → the store, each in its own transaction, as if they had come in time."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

import msgspec

from llmanac.archive.fetch import ArchivedFetch, ArchivedSeries
from llmanac.catalogue.catalogue import Origin
from llmanac.catalogue.snapshot import ListScope, RawPage, Snapshot
from llmanac.errors import Conflict, InvalidBody
from llmanac.store.rows import Scope, SeriesKey
from llmanac.store.store import Store
from llmanac.sync.weave import Arrival, weave
from llmanac.upstream.decode import decode
from llmanac.upstream.split import NotAList

MAX_SOURCE_BYTES = 64
MAX_BASE_URL_BYTES = 2048
"""PostgreSQL refuses longer ones: it has the two in one index entry, which may take 2,704 bytes."""

_ALL = Fraction(1)


class Imported(StrEnum):
    """What an import did to the store."""

    NEW = "new"
    """A list that differs from its neighbours: a Serial more."""
    AGREES = "agrees"
    """Its neighbour has the same list: that one is known from another instant now."""
    KNOWN = "known"
    """This list of this instant was there already: nothing."""


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What an import is done with. `holder` holds the lease; `series` is where files go that name none."""

    store: Store
    holder: str
    series: SeriesKey
    flap: timedelta
    max_reject_share: Fraction


def import_fetch(plan: ImportPlan, found: ArchivedFetch, *, asked: ListScope | None = None) -> Imported:
    """Weave one list in.

    Args:
        asked: What the list was asked for, where neither the file says it nor the models shall tell.

    Raises:
        InvalidBody: It is no list of models, an empty one, or too many of its rows cannot be read.
        Conflict: Another list is known of that instant, or the list cannot belong to this series.
        LeaseLost, StoreError: Nothing was saved.
    """
    key = _series_of(plan, found)
    known = plan.store.find_series(key)
    if found.raw and known and plan.store.has_fetch(known.id, found.taken_at, _digests(found.pages)):
        return Imported.KNOWN
    taken = decode(found.pages, source=key.source, taken_at=found.taken_at)
    if isinstance(taken, NotAList):
        raise InvalidBody(taken.detail)
    # What was exported had been judged already, and an administrator may have overruled the guard.
    _check(taken, plan.max_reject_share if found.series is None else _ALL)
    scope = found.scope or asked or scope_of(taken)
    arrival = Arrival(taken, scope, _origin_of(found), found.pages if found.raw else (), found.warning)
    state = known or plan.store.open_series(key)
    with plan.store.weaving(plan.holder, state) as loom:
        is_there = loom.places.at(found.taken_at) is not None
        woven = weave(loom, arrival, flap=plan.flap, known={})
        served, _ = loom.serve_newest()
        if served != state.snapshot_id:
            # Upstream's "not modified" would speak of the list that was the newest until now.
            loom.forget_validators()
    if is_there:
        return Imported.KNOWN
    return Imported.NEW if woven.new else Imported.AGREES


def _origin_of(found: ArchivedFetch) -> Origin:
    return Origin.FETCHED if found.origin == Origin.FETCHED else Origin.IMPORT


def scope_of(taken: Snapshot) -> ListScope:
    """What a list was asked for, told by its models: only a list of every modality holds some without text output."""
    return ListScope.TEXT if all(model.gives_text for model in taken.models) else ListScope.ALL


def _series_of(plan: ImportPlan, found: ArchivedFetch) -> SeriesKey:
    if found.series is not None:
        return _named_series(found.series)
    if plan.series.scope is Scope.ACCOUNT:
        raise Conflict(
            "A public list cannot belong to the series of an account, which is narrowed to what its key may use",
            code="OTHER_SCOPE",
            hint="Import with LLMANAC_OPENROUTER_SCOPE=all.",
        )
    return plan.series


def _named_series(named: ArchivedSeries) -> SeriesKey:
    for text, most in ((named.source, MAX_SOURCE_BYTES), (named.base_url, MAX_BASE_URL_BYTES)):
        if len(text.encode()) > most:
            raise InvalidBody(f"Expected a series that is named in at most {most} bytes, got {text[:40]!r} and more")
    try:
        return SeriesKey(named.source, named.base_url, Scope(named.scope))
    except ValueError:
        raise InvalidBody(f"Expected a series of scope all or account, got {named.scope[:40]!r}") from None


def _check(taken: Snapshot, max_reject_share: Fraction) -> None:
    if not taken.models:
        raise InvalidBody("Expected at least one model, got an empty list")
    if len(taken.rejects) > max_reject_share * taken.rows:
        first = taken.rejects[0]
        raise InvalidBody(
            f"Expected at most {max_reject_share} of the rows to be unreadable, got {len(taken.rejects)} of "
            f"{taken.rows}; the first: {first.path}: {first.reason}"
        )


def _digests(pages: Sequence[RawPage]) -> tuple[bytes, ...]:
    return tuple(sha256(page.body).digest() for page in pages)
