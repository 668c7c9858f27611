"""Where a list can be had beside a file: upstream as it is now, or the newest one in the store, by the settings."""

from datetime import date

from llmanac.assemble_sync import fetch_options
from llmanac.cli.local import local_settings, local_store
from llmanac.clock import now
from llmanac.settings import series_key
from llmanac.upstream.openrouter import Fetched, fetch


def live() -> tuple[list[bytes], date]:
    """The pages of upstream's list, raw, and today.

    Raises:
        UpstreamError: It could not be had whole.
    """
    fetched = fetch(fetch_options(local_settings()), now)
    assert isinstance(fetched, Fetched), "without validators upstream cannot say that nothing changed"
    return [page.body for page in fetched.pages], fetched.taken_at.date()


def stored() -> tuple[list[bytes], date]:
    """The records of the newest list in the store, and the day it was taken on; none when nothing was saved yet.

    Raises:
        StoreError: The store cannot be read.
    """
    with local_store() as (settings, store):
        state = store.open_series(series_key(settings))
        newest = None if state.snapshot_id is None else store.snapshot_of(state.snapshot_id)
    if newest is None:
        return [], now().date()
    return [b"[" + b",".join(newest.records) + b"]"], newest.taken_at.date()
