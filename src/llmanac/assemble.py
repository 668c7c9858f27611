"""Settings → store, list and worker. With `application`, the only place that names concrete classes."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from llmanac import __version__, clock
from llmanac.access.gate import Gate
from llmanac.access.token import AccessScope, mint
from llmanac.catalogue.catalogue import Catalogue
from llmanac.catalogue.snapshot import ListScope
from llmanac.errors import StoreError, StoreUnreachable
from llmanac.settings import Settings
from llmanac.store.database import Database
from llmanac.store.quarantines import QuarantineBounds
from llmanac.store.rows import Scope, SeriesKey
from llmanac.store.store import Store
from llmanac.sync.current import Current, Ready
from llmanac.sync.guard import GuardBounds
from llmanac.sync.importing import ImportPlan
from llmanac.sync.load import bundled_catalogue, load_catalogue
from llmanac.sync.run import SyncPlan
from llmanac.sync.schedule import Schedule
from llmanac.sync.turn import turn
from llmanac.sync.weave import catch_up
from llmanac.sync.worker import Worker, WorkerOptions
from llmanac.upstream.openrouter import FetchOptions

SOURCE = "openrouter"


def open_store(settings: Settings) -> Store:
    """The store, its schema brought up to date.

    Raises:
        SchemaTooNew, StoreError: It cannot be used.
    """
    if settings.database_url is None:
        directory = settings.data_dir.expanduser()
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise StoreUnreachable(
                f"LLMANAC_DATA_DIR: {directory} cannot be made: {problem.strerror}",
                hint="Set LLMANAC_DATA_DIR to a directory that can be written.",
            ) from None
    store = Store(Database(settings.database))
    try:
        if store.migrate():
            catch_up_with(settings, store)
    except StoreError:
        store.close()
        raise
    return store


def series_key(settings: Settings) -> SeriesKey:
    """The list that these settings follow."""
    return SeriesKey(SOURCE, settings.openrouter_base_url, settings.openrouter_scope)


def mint_first_token(settings: Settings, store: Store) -> str | None:
    """The one token of a first start, to be shown once; None when there is LLMANAC_TOKEN or ever was another."""
    if settings.token is not None:
        return None
    minted = mint("first start", (AccessScope.READ, AccessScope.ADMIN), created_at=clock.now())
    return minted.plain if store.add_token(minted.row, only_first=True) else None


def make_plan(settings: Settings, store: Store, series_id: int) -> SyncPlan:
    """How this process syncs, under a name of its own for the lease."""
    return SyncPlan(
        store=store,
        holder=uuid.uuid4().hex,
        series_id=series_id,
        fetch=fetch_options(settings),
        guard=GuardBounds(
            min_share=settings.quarantine_min_share,
            max_reject_share=settings.quarantine_max_reject_share,
            max_repriced_share=settings.quarantine_max_repriced_share,
            repeats=settings.quarantine_repeats,
            over=timedelta(hours=settings.quarantine_hours),
        ),
        keep=QuarantineBounds(settings.quarantine_keep, settings.quarantine_max_bytes),
        schedule=Schedule(
            interval=timedelta(seconds=settings.sync_interval_seconds),
            retry=timedelta(seconds=settings.sync_retry_seconds),
            postponed=timedelta(seconds=settings.sync_interval_seconds) * settings.sync_postpone_intervals,
        ),
        scope=ListScope(settings.openrouter_scope),
        flap=timedelta(days=settings.flap_days),
        clock=clock.now,
    )


def fetch_options(settings: Settings) -> FetchOptions:
    """How these settings ask upstream."""
    key = settings.openrouter_api_key
    return FetchOptions(
        base_url=settings.openrouter_base_url,
        key=key.get_secret_value() if key else None,
        narrowed=settings.openrouter_scope is Scope.ACCOUNT,
        user_agent=f"llmanac/{__version__}",
        connect_seconds=settings.sync_connect_seconds,
        whole_seconds=settings.sync_timeout_seconds,
        max_body_bytes=settings.sync_max_body_bytes,
        max_pages=settings.sync_max_pages,
        max_redirects=settings.sync_max_redirects,
        max_retries=settings.sync_retries,
        retry_wait_seconds=settings.sync_retry_wait_seconds,
        max_retry_after_seconds=settings.sync_retry_after_max_seconds,
    )


def make_current(settings: Settings, store: Store, prepare: Callable[[Catalogue], Ready]) -> Current[Ready]:
    """What is served at once, without asking anybody: the list in the store, else the bundle.

    Args:
        prepare: Makes a list's answers.
    """
    state = store.open_series(series_key(settings))
    current = Current(state, prepare, offline=settings.offline)
    known = load_catalogue(store, state) or (bundled_catalogue() if settings.bundle else None)
    if known is not None:
        current.replace(state, known)
    return current


def catch_up_with(settings: Settings, store: Store) -> None:
    """See `weave.catch_up`; for whoever is about to write, or to serve."""
    for state in store.every_series():
        catch_up(store, state.id, timedelta(days=settings.flap_days))


@contextmanager
def import_turn(settings: Settings, store: Store) -> Iterator[ImportPlan]:
    """How these settings import, while nobody else writes.

    Raises:
        Conflict: A sync or another import is running.
    """
    plan = ImportPlan(
        store=store,
        holder=uuid.uuid4().hex,
        series=series_key(settings),
        flap=timedelta(days=settings.flap_days),
        max_reject_share=settings.quarantine_max_reject_share,
    )
    with turn(store, plan.holder, timedelta(seconds=settings.lease_seconds)):
        yield plan


def make_worker(settings: Settings, store: Store, current: Current[Ready], gate: Gate) -> Worker[Ready]:
    """This process's share of the work; its threads do not run yet."""
    options = WorkerOptions(
        poll=timedelta(seconds=settings.poll_seconds),
        lease=timedelta(seconds=settings.lease_seconds),
        offline=settings.offline,
        raw_retention=timedelta(days=settings.raw_retention_days) if settings.raw_retention_days else None,
    )
    return Worker(make_plan(settings, store, current.held.state.id), current, gate, options)


def sync_at_start(settings: Settings, store: Store) -> None:
    """Let the next sync be due at once: whoever starts a server wants to know what upstream says now."""
    store.sync_soon(store.open_series(series_key(settings)).id)
