"""A turn at syncing: the lease, held and prolonged for as long as the work takes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from llmanac.errors import Conflict, StoreError
from llmanac.store.store import Store

_PROLONGED_PER_LEASE = 3
"""Prolonged this often within its time, so that one late or failed write loses nothing."""


@contextmanager
def turn(store: Store, holder: str, lasting: timedelta) -> Iterator[None]:
    """Be the only one of all workers and replicas that syncs.

    If this process dies, the lease ends after `lasting` and another takes over; if it merely loses the lease, saving
    raises LeaseLost.

    Raises:
        Conflict: Another one is at it (`SYNC_RUNNING`).
    """
    if not store.acquire_lease(holder, lasting):
        raise Conflict("Another sync is running", code="SYNC_RUNNING", hint="Ask /api/ai/status how it ends.")
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(store, holder, lasting, over), name="llmanac-lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        # A lease that cannot be given back ends by itself.
        with suppress(StoreError):
            store.release_lease(holder)


def _keep(store: Store, holder: str, lasting: timedelta, over: threading.Event) -> None:
    while not over.wait(lasting.total_seconds() / _PROLONGED_PER_LEASE):
        with suppress(StoreError):
            store.acquire_lease(holder, lasting)
