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
    Unavailable,
)
from llmanac.web import (
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
from llmanac.web.front import PATH, Front
from llmanac.web.openapi import make_openapi
from llmanac.web.parts import Parts, asked
from llmanac.web.problems import Dialect, dialect_of, internal_error, problem_body, problem_headers, unexpected
from llmanac.web.requests import HeadAsGet, RequestLog

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
    parts: Parts,
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
        dependencies=[Depends(asked)],
        exception_handlers=_HANDLERS,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.parts = parts
    for router in _ROUTERS:
        app.include_router(router)
    app.state.openapi = cache(lambda: make_openapi(app, parts.version))
    front = Front(RequestLog(HeadAsGet(app)), parts.gate, parts.current, parts.past, origins)
    app.router.lifespan_context = _lifespan(parts, front, log_summary, shutdown, on_started)
    return front


def _lifespan(
    parts: Parts, front: Front, log_summary: timedelta, shutdown: timedelta, on_started: Callable[[], None]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        parts.worker.start()
        on_started()
        summary = asyncio.create_task(_log_answers(front, log_summary.total_seconds()))
        yield
        summary.cancel()
        with suppress(asyncio.CancelledError):
            await summary
        _log_counts(front)
        await asyncio.to_thread(parts.worker.stop, within=shutdown)
        parts.store.close()

    return lifespan


async def _log_answers(front: Front, every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        _log_counts(front)


def _log_counts(front: Front) -> None:
    if front.answered:
        counted = {f"status_{status}": count for status, count in sorted(front.answered.items())}
        front.answered.clear()
        log.info("catalogue.answered", path=PATH, **counted)
    if front.refused:
        counted = {f"status_{status}": count for status, count in sorted(front.refused.items())}
        front.refused.clear()
        log.info("connections.refused", **counted)


def _refusal_answer(request: Request, refusal: RequestError) -> Response:
    path = request.scope["path"]
    return Response(problem_body(refusal, path), refusal.status, problem_headers(refusal, path))


async def _on_refusal(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestError)
    return _refusal_answer(request, problem)


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
    return _refusal_answer(request, refusal)


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
    return _refusal_answer(request, refusal)


async def _on_store(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, StoreError)
    if isinstance(problem, LeaseLost):
        return _refusal_answer(request, Conflict(problem.message, code="SYNC_OVERTAKEN", hint="Ask again."))
    log.error("store.failed", detail=problem.message)
    refusal = Unavailable(
        "The database cannot be used now; the catalogue is served from memory meanwhile", code="STORE_UNAVAILABLE"
    )
    return _refusal_answer(request, refusal)


async def _on_fault(request: Request, problem: Exception) -> Response:
    log.error("request.crashed", path=request.url.path, exc_info=problem)
    return _refusal_answer(request, internal_error())


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
