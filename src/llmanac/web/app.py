"""The whole web side: the front with the catalogue's endpoint, and behind it the framework with everything else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from functools import cache

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp

from llmanac.errors import (
    Conflict,
    InvalidParameter,
    LeaseLost,
    MethodNotAllowed,
    NotFound,
    RequestError,
    StoreError,
)
from llmanac.web.app_context import AppContext
from llmanac.web.hot_path import PATH, HotPath, store_away
from llmanac.web.openapi.document import make_openapi
from llmanac.web.protocol.problems import Dialect, dialect_of, internal_error, unexpected
from llmanac.web.protocol.request_log import HeadAsGet, RequestLog
from llmanac.web.routes import (
    administration,
    changes,
    cost,
    exports,
    health,
    history,
    model,
    openai,
    openrouter,
    schema,
    status,
    tokens,
)
from llmanac.web.routes.request import params
from llmanac.web.routes.responses import refuse
from llmanac.web.routes.shapes import SHAPES

# A history before the model whose slug would end in it.
_ROUTERS = (
    changes.router, history.router, model.router, status.router, administration.router, tokens.router, health.router,
    schema.router, openrouter.router, openai.router, exports.router, cost.router,
)  # fmt: skip
_WHAT_THERE_IS = {
    Dialect.OWN: "/schema shows every route.",
    Dialect.OPENROUTER: "Here are /api/v1/models, /api/v1/models/count, /api/v1/models/user and "
    "/api/v1/model/{author}/{slug}: llmanac tells of models, and runs none.",
    Dialect.OPENAI: "Here are /v1/models and /v1/models/{id}: llmanac tells of models, and runs none.",
}
log = structlog.get_logger("llmanac.web")


def make_app(
    context: AppContext,
    *,
    log_summary: timedelta,
    shutdown: timedelta,
    origins: Sequence[str] = (),
    on_started: Callable[[], None] = lambda: None,
) -> ASGIApp:
    """The ASGI application. Its lifespan starts and stops the worker's threads.

    Args:
        log_summary: How often the catalogue's answers are logged as numbers.
        shutdown: How long a stop waits for a sync under way.
        origins: Those whose web pages may read the answers (CORS); `*` is any.
        on_started: Called once everything is loaded, before the first request.
    """
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(params)],
        exception_handlers=_HANDLERS,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.context = context
    for router in _ROUTERS:
        app.include_router(router)
    app.state.openapi = cache(lambda: make_openapi(app, context.version, SHAPES))
    framework = RequestLog(HeadAsGet(app))
    hot_path = HotPath(framework, context.gate, context.current, context.bodies, context.lists, origins)
    app.router.lifespan_context = _lifespan(context, hot_path, log_summary, shutdown, on_started)
    return hot_path


def _lifespan(
    context: AppContext, hot_path: HotPath, log_summary: timedelta, shutdown: timedelta, on_started: Callable[[], None]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        context.worker.start()
        on_started()
        summary = asyncio.create_task(_log_answers(hot_path, log_summary.total_seconds()))
        yield
        log.info("server.stopping")
        summary.cancel()
        with suppress(asyncio.CancelledError):
            await summary
        _log_counts(hot_path)
        await asyncio.to_thread(context.worker.stop, within=shutdown)
        context.store.close()

    return lifespan


async def _log_answers(hot_path: HotPath, every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        _log_counts(hot_path)


def _log_counts(hot_path: HotPath) -> None:
    if hot_path.answered:
        counted = {f"status_{status}": count for status, count in sorted(hot_path.answered.items())}
        hot_path.answered.clear()
        log.info("catalogue.answered", path=PATH, **counted)
    if hot_path.refused:
        counted = {f"status_{status}": count for status, count in sorted(hot_path.refused.items())}
        hot_path.refused.clear()
        log.info("connections.refused", **counted)


async def _on_refusal(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestError)
    return refuse(request, problem)


async def _on_http(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    path = request.url.path
    if problem.status_code == 404:
        refusal: RequestError = NotFound(f"There is nothing at {path[:100]}", hint=_WHAT_THERE_IS[dialect_of(path)])
    elif problem.status_code == 405:
        allowed = _methods(request)
        refusal = MethodNotAllowed(f"{path[:100]} cannot be asked with {request.method[:20]}", allowed=allowed)
    else:
        refusal = unexpected(problem.status_code, str(problem.detail))
    return refuse(request, refusal)


def _methods(request: Request) -> tuple[str, ...]:
    """Every method of the path; the framework names only the first route's."""
    routes = [route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    found = {
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return tuple(sorted(found | {"HEAD"} if "GET" in found else found))


async def _on_invalid(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    first = problem.errors()[0]
    name = str(first["loc"][-1])
    refusal = InvalidParameter(f"{name}: {first['msg']}, got {str(first.get('input'))[:60]!r}")
    return refuse(request, refusal)


async def _on_store(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, StoreError)
    if isinstance(problem, LeaseLost):
        return refuse(request, Conflict(problem.message, code="SYNC_OVERTAKEN", hint="Ask again."))
    log.error("store.failed", detail=problem.message)
    return refuse(request, store_away())


async def _on_fault(request: Request, problem: Exception) -> Response:
    log.error("request.crashed", path=request.url.path, exc_info=problem)
    return refuse(request, internal_error())


async def _on_disconnect(_: Request, problem: Exception) -> Response:
    """The client hung up before its request was whole. Nobody reads the answer; the log has its status, as nginx's."""
    assert isinstance(problem, ClientDisconnect)
    return Response(status_code=499)


_HANDLERS: dict[int | type[Exception], Callable[[Request, Exception], Coroutine[None, None, Response]]] = {
    RequestError: _on_refusal,
    HTTPException: _on_http,
    RequestValidationError: _on_invalid,
    StoreError: _on_store,
    ClientDisconnect: _on_disconnect,
    Exception: _on_fault,
}
