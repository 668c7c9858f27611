"""Settings → a working server: the only place that names concrete classes."""

import multiprocessing
import os
import signal
import threading
import uuid
from datetime import timedelta
from multiprocessing.process import BaseProcess

from starlette.types import ASGIApp

from llmanac import __version__, clock
from llmanac.access.gate import Gate
from llmanac.access.token import AccessScope, mint
from llmanac.catalogue.catalogue import Catalogue
from llmanac.errors import StoreUnreachable
from llmanac.logs import configure_logs
from llmanac.memory import give_memory_back
from llmanac.settings import Settings, secret_values
from llmanac.settings_sources import read_settings
from llmanac.store.database import Database
from llmanac.store.quarantines import QuarantineBounds
from llmanac.store.rows import Scope, SeriesKey
from llmanac.store.store import Store
from llmanac.sync.current import Current
from llmanac.sync.guard import GuardBounds
from llmanac.sync.load import bundled_catalogue
from llmanac.sync.run import SyncPlan
from llmanac.sync.schedule import Schedule
from llmanac.sync.worker import Worker, WorkerOptions
from llmanac.upstream.openrouter import FetchOptions
from llmanac.web.app import make_app
from llmanac.web.front import Shelf
from llmanac.web.parts import Parts

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
    store.migrate()
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
            timedelta(seconds=settings.sync_interval_seconds), timedelta(seconds=settings.sync_retry_seconds)
        ),
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


def make_parts(settings: Settings, store: Store) -> Parts:
    """Everything a server works with, its list already in memory: from the store, else from the bundle."""
    started_at = clock.now()
    configured = settings.openrouter_api_key is not None
    state = store.open_series(series_key(settings))

    def prepare(catalogue: Catalogue) -> Shelf:
        return Shelf(catalogue, configured=configured, hide_unconfigured=settings.hide_unconfigured)

    current: Current[Shelf] = Current(state, prepare, offline=settings.offline)
    gate = Gate(settings.token.get_secret_value() if settings.token else None)
    worker = Worker(
        make_plan(settings, store, state.id),
        current,
        gate,
        WorkerOptions(
            poll=timedelta(seconds=settings.poll_seconds),
            lease=timedelta(seconds=settings.lease_seconds),
            offline=settings.offline,
        ),
    )
    worker.follow()
    if current.held.catalogue is None and settings.bundle:
        current.replace(state, bundled_catalogue())
    return Parts(
        store=store,
        current=current,
        gate=gate,
        worker=worker,
        clock=clock.now,
        series=series_key(settings),
        configured=configured,
        offline=settings.offline,
        max_body_bytes=settings.request_max_body_bytes,
        started_at=started_at,
        version=__version__,
    )


def sync_at_start(settings: Settings, store: Store) -> None:
    """Let the next sync be due at once: whoever starts a server wants to know what upstream says now."""
    store.sync_soon(store.open_series(series_key(settings)).id)


def make_asgi(settings: Settings, parts: Parts) -> ASGIApp:
    """The ASGI application."""
    return make_app(
        parts,
        log_summary=timedelta(seconds=settings.log_summary_seconds),
        shutdown=timedelta(seconds=settings.shutdown_seconds),
    )


def app_from_environment() -> ASGIApp:
    """The application of one of several worker processes; it ends when its parent does."""
    give_memory_back()
    settings = read_settings().settings
    configure_logs(settings.log_format, settings.log_level, secret_values(settings))
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        threading.Thread(target=_end_with, args=(supervisor,), name="llmanac-supervisor", daemon=True).start()
    return make_asgi(settings, make_parts(settings, open_store(settings)))


def _end_with(supervisor: BaseProcess) -> None:
    """A killed supervisor must leave no worker behind that answers on its port."""
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)
