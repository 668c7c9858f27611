"""Settings → what syncs and imports. Apart from `assemble`, so that commands which only read need not load it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from llmanac import __version__, clock
from llmanac.access.gate import Gate
from llmanac.catalogue.snapshot import ListScope
from llmanac.settings import Settings, series_key
from llmanac.store.quarantines import QuarantineBounds
from llmanac.store.rows import Scope
from llmanac.store.store import Store
from llmanac.sync.current import Current
from llmanac.sync.guard import GuardBounds
from llmanac.sync.importing import ImportPlan
from llmanac.sync.run import SyncPlan
from llmanac.sync.schedule import Schedule
from llmanac.sync.turn import turn
from llmanac.sync.weave import catch_up
from llmanac.sync.worker import Worker, WorkerOptions
from llmanac.upstream.openrouter import FetchOptions


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


def make_worker(settings: Settings, store: Store, current: Current[object], gate: Gate) -> Worker:
    """This process's share of the work; its threads do not run yet."""
    options = WorkerOptions(
        poll=timedelta(seconds=settings.poll_seconds),
        lease=timedelta(seconds=settings.lease_seconds),
        offline=settings.offline,
        raw_retention=timedelta(days=settings.raw_retention_days) if settings.raw_retention_days else None,
    )
    return Worker(make_plan(settings, store, current.held.state.id), current, gate, options)
