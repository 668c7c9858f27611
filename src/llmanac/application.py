"""Settings → the web application. Apart from `assemble`, so that commands which need no framework load none."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.process import BaseProcess

import msgspec
from starlette.types import ASGIApp

from llmanac import memory
from llmanac.access.gate import Gate
from llmanac.assemble import make_context, make_current, open_store
from llmanac.assemble_sync import catch_up_with, make_worker
from llmanac.catalogue.catalogue import Catalogue
from llmanac.logs import configure_logs
from llmanac.settings import Settings, secret_values
from llmanac.settings_sources import read_settings
from llmanac.store.store import Store
from llmanac.web.app import make_app
from llmanac.web.app_context import AppContext
from llmanac.web.hot_path import ReadyAnswers
from llmanac.web.protocol.body_cache import BodyCache


def make_app_context(settings: Settings, store: Store) -> AppContext:
    """Everything a server works with, its list already in memory and its answers ready."""
    configured = settings.openrouter_api_key is not None

    def prepare(catalogue: Catalogue) -> ReadyAnswers:
        return ReadyAnswers(catalogue, configured=configured, hide_unconfigured=settings.hide_unconfigured)

    current = make_current(settings, store, prepare)
    gate = Gate(settings.token.get_secret_value() if settings.token else None)
    worker = make_worker(settings, store, current, gate)
    worker.follow()
    context = make_context(settings, store, current)
    return AppContext(
        **msgspec.structs.asdict(context),
        gate=gate,
        worker=worker,
        bodies=BodyCache(current, context.lists, settings.past_cache_bytes),
        public_mirror=settings.public_mirror,
        max_body_bytes=settings.request_max_body_bytes,
    )


def make_asgi(settings: Settings, context: AppContext, on_started: Callable[[], None] = lambda: None) -> ASGIApp:
    """The ASGI application. `on_started` is called before the first request."""
    catch_up_with(settings, context.store)
    return make_app(
        context,
        log_summary=timedelta(seconds=settings.log_summary_seconds),
        shutdown=timedelta(seconds=settings.shutdown_seconds),
        origins=settings.origins,
        on_started=on_started,
    )


def app_from_environment() -> ASGIApp:
    """The application of one of several worker processes; it ends when its parent does."""
    memory.begin()
    settings = read_settings().settings
    configure_logs(settings.log_format, settings.log_level, secret_values(settings))
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        threading.Thread(target=_end_with, args=(supervisor,), name="llmanac-supervisor", daemon=True).start()
    return make_asgi(settings, make_app_context(settings, open_store(settings)), memory.settle)


def _end_with(supervisor: BaseProcess) -> None:
    """A killed supervisor must leave no worker behind that answers on its port."""
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)
