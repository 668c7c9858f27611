"""Settings → store, list and worker. With `application`, the only place that names concrete classes."""

from collections.abc import Callable

from llmanac import __version__, clock
from llmanac.answers.context import AnswerContext
from llmanac.answers.list_reader import ListReader
from llmanac.catalogue.catalogue import Catalogue
from llmanac.errors import SettingsError, StoreError
from llmanac.settings import Settings, series_key
from llmanac.store.database import Database
from llmanac.store.store import Store
from llmanac.sync.current import Current, Ready_co
from llmanac.sync.load import bundled_catalogue, load_catalogue


def open_store(settings: Settings) -> Store:
    """The store, its schema brought up to date.

    Raises:
        SettingsError: The data directory cannot be made.
        SchemaTooNew, StoreError: It cannot be used.
    """
    if settings.database_url is None:
        directory = settings.data_dir.expanduser()
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise SettingsError(
                f"LLMANAC_DATA_DIR: {directory} cannot be made: {problem.strerror}",
                hint="Set LLMANAC_DATA_DIR to a directory that can be written.",
            ) from None
    store = Store(Database(settings.database))
    try:
        if store.migrate():
            from llmanac.assemble_sync import catch_up_with  # noqa: PLC0415  slow

            catch_up_with(settings, store)
    except StoreError:
        store.close()
        raise
    return store


def mint_first_token(settings: Settings, store: Store) -> str | None:
    """The one token of a first start, to be shown once; None when there is LLMANAC_TOKEN or ever was another."""
    from llmanac.access.token import AccessScope, mint  # noqa: PLC0415  only a server's start needs it

    if settings.token is not None:
        return None
    minted = mint("first start", (AccessScope.READ, AccessScope.ADMIN), created_at=clock.now())
    return minted.plain if store.add_token(minted.row, only_first=True) else None


def make_current(settings: Settings, store: Store, prepare: Callable[[Catalogue], Ready_co]) -> Current[Ready_co]:
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


def make_context(settings: Settings, store: Store, current: Current[object]) -> AnswerContext:
    """What answers about this list are made from."""
    configured = settings.openrouter_api_key is not None
    lists = ListReader(
        store,
        current,
        configured=configured,
        hide_unconfigured=settings.hide_unconfigured,
        bundle=settings.bundle,
        max_bytes=settings.past_cache_bytes,
        clock=clock.now,
    )
    return AnswerContext(
        store=store,
        current=current,
        lists=lists,
        clock=clock.now,
        series=series_key(settings),
        configured=configured,
        offline=settings.offline,
        started_at=clock.now(),
        version=__version__,
    )


def sync_at_start(settings: Settings, store: Store) -> None:
    """Let the next sync be due at once: whoever starts a server wants to know what upstream says now."""
    store.sync_soon(store.open_series(series_key(settings)).id)
