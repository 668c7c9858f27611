"""`llmanac serve`: from settings to a listening server, and what it says when it starts."""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict, cast

import typer

from llmanac import __version__, memory
from llmanac.clock import now
from llmanac.errors import LlmanacError
from llmanac.logs import configure_logs
from llmanac.settings import Settings, secret_values
from llmanac.settings_sources import SettingsInForce, read_settings

if TYPE_CHECKING:
    from llmanac.store.store import Store
    from llmanac.sync.current import Held

_BACKLOG = 2048


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (LLMANAC_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one (LLMANAC_PORT).")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer (LLMANAC_WORKERS).")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Directory of the SQLite database (LLMANAC_DATA_DIR).")] = None,
    offline: Annotated[bool | None, typer.Option("--offline", help="Never call upstream (LLMANAC_OFFLINE).")] = None,
) -> None:
    """Serve the catalogue until stopped."""
    flags = {"host": host, "port": port, "workers": workers, "data_dir": data_dir, "offline": offline}
    in_force = read_settings(flags)
    _warn_of_unknown(in_force)
    settings = in_force.settings
    listener = _listen(settings)
    memory.begin()
    configure_logs(settings.log_format, settings.log_level, secret_values(settings))
    if settings.workers == 1:
        _serve_here(settings, listener)
    else:
        _serve_with_workers(settings, flags, listener)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as problem:
        raise LlmanacError(
            f"Cannot listen on {settings.host} port {settings.port}: {problem.strerror or problem}",
            hint=(
                "Another server may be there; choose a port with --port or LLMANAC_PORT."
                if problem.errno == errno.EADDRINUSE
                else "Choose an address of this machine with --host, and a port you may use with --port."
            ),
        ) from None


def _serve_here(settings: Settings, listener: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415  slow

    from llmanac.application import make_app_context, make_asgi  # noqa: PLC0415  slow
    from llmanac.assemble import mint_first_token  # noqa: PLC0415  slow

    store = _open(settings)
    context = make_app_context(settings, store)
    token = mint_first_token(settings, store)
    context.worker.follow()
    _greet(settings, listener, context.current.held, store.shown_url, token)
    config = uvicorn.Config(make_asgi(settings, context, memory.settle), **uvicorn_options(settings))
    uvicorn.Server(config).run(sockets=[listener])


def _serve_with_workers(settings: Settings, flags: Mapping[str, object], listener: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415  slow
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415  slow

    from llmanac.assemble import make_current, mint_first_token  # noqa: PLC0415  slow

    store = _open(settings)
    held = make_current(settings, store, prepare=id).held
    _greet(settings, listener, held, store.shown_url, mint_first_token(settings, store))
    store.close()
    # Worker processes read the environment: what was set by flag must stand there for them.
    os.environ |= {f"LLMANAC_{field.upper()}": str(value) for field, value in flags.items() if value is not None}
    app = "llmanac.application:app_from_environment"
    config = uvicorn.Config(app, factory=True, workers=settings.workers, **uvicorn_options(settings))
    Multiprocess(config, sockets=[listener]).run()


def _open(settings: Settings) -> "Store":
    """The store, with a sync due at once. The first token is minted last: nothing may fail before it is shown."""
    from llmanac.assemble import open_store, sync_at_start  # noqa: PLC0415  slow

    store = open_store(settings)
    if not settings.offline:
        sync_at_start(settings, store)
    return store


class UvicornOptions(TypedDict):
    """What uvicorn is told, however it is started."""

    log_config: None
    http: type[asyncio.Protocol]
    access_log: bool
    server_header: bool
    proxy_headers: bool
    lifespan: Literal["on"]
    timeout_graceful_shutdown: int


def uvicorn_options(settings: Settings) -> UvicornOptions:
    """How these settings serve."""
    return UvicornOptions(
        log_config=None,
        http=_server_protocol(settings),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )


def _server_protocol(settings: Settings) -> type[asyncio.Protocol]:
    """What uvicorn makes for each connection."""
    from llmanac.web.protocol.limits import ConnectionLimits, possible_connections  # noqa: PLC0415  slow
    from llmanac.web.protocol.quick_get import QuickGetProtocol  # noqa: PLC0415  as above

    possible = possible_connections()
    if settings.max_connections > possible:
        sys.stderr.write(
            f"warning: LLMANAC_MAX_CONNECTIONS: {settings.max_connections} are more than the limit of open files "
            f"leaves room for: at most {possible} are held open\n"
        )
    limits = ConnectionLimits(
        max_head_bytes=settings.request_max_head_bytes,
        max_fields=settings.request_max_fields,
        max_body_bytes=settings.request_max_body_bytes,
        max_anonymous_body_bytes=settings.request_max_anonymous_body_bytes,
        max_pending_bytes=settings.request_max_pending_bytes,
        max_connections=min(settings.max_connections or possible, possible),
        max_connections_per_address=settings.max_connections_per_address,
        head_seconds=settings.request_head_seconds,
        body_seconds=settings.request_body_seconds,
        answer_seconds=settings.answer_seconds,
        keep_alive_seconds=settings.keep_alive_seconds,
    )
    made = partial(QuickGetProtocol, limits=limits)
    return cast("type[asyncio.Protocol]", made)


def _greet(
    settings: Settings, listener: socket.socket, held: "Held[object]", store_url: str, token: str | None
) -> None:
    """Say the address, where the list comes from and how old it is, and the first token."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}"
    upstream = "offline" if settings.offline else settings.openrouter_base_url
    key = "with a key" if settings.openrouter_api_key else "without a key"
    lines = [
        f"llmanac {__version__} on {address}",
        f"  catalogue  {_describe(held)}",
        f"  upstream   {upstream}, {key}",
        f"  store      {store_url}",
        f"  schema     {address}/schema",
    ]
    if token is not None:
        lines += [
            "",
            "First start. This admin token is shown once, so note it down:",
            "",
            f"  {token}",
            "",
            "Try it:",
            "",
            f"  curl --compressed -H 'Authorization: Bearer {token}' {address}/api/ai/models",
        ]
    sys.stderr.write("\n".join(lines) + "\n\n")
    sys.stderr.flush()


def _describe(held: "Held[object]") -> str:
    if held.catalogue is None or held.standing is None:
        return "none yet"
    day = held.standing.agreed_at.date().isoformat()
    age = _age((now() - held.standing.agreed_at).total_seconds())
    counts = f"{len(held.catalogue.text)} text and {len(held.catalogue.image)} image models"
    serial = f", serial {held.catalogue.serial}" if held.catalogue.serial else ""
    return f"{held.standing.source.value}, {day} ({age} old): {counts}{serial}"


def _age(seconds: float) -> str:
    for name, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{int(seconds)} s"


def _warn_of_unknown(in_force: SettingsInForce) -> None:
    for name, near in in_force.unknown.items():
        hint = f"; did you mean {near}?" if near else ""
        sys.stderr.write(f"warning: {name} is no setting and means nothing{hint}\n")
