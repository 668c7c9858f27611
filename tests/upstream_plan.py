"""What the upstream simulator is set to, and the honest answer that follows: OpenRouter's, page by page, key by key."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from tests.upstream_exchange import Exchange, Fault, Record, SeenRequest, as_json, list_body
from tests.upstream_gzip import gzipped

MODELS, USER_MODELS = "/api/v1/models", "/api/v1/models/user"

Records = Sequence[Record] | bytes
"""Rows of the list, or the bytes to answer with just as they are."""


class Changes(TypedDict, total=False):
    """What can be set by name; each member is told of at `Plan`."""

    records: Records | Callable[[SeenRequest], Records]
    page_size: int | None
    relative_links: bool
    etag: bool
    gzip: bool
    chunked: bool
    require_key: str | None
    account_ids: frozenset[str] | None
    fault: Fault | None
    fault_count: int | None
    fault_path: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How to answer the next request; replaced whole, so that an answer never mixes two plans."""

    records: Records | Callable[[SeenRequest], Records] = ()
    """The list, or what makes one for each request."""
    page_size: int | None = None
    """Rows a page; absent: the whole list at once and neither `links` nor `total_count`."""
    relative_links: bool = False
    """Whether `links.next` is a path in place of a whole address."""
    etag: bool = False
    """Whether answers carry an ETag and a request that names it gets a 304."""
    gzip: bool = False
    """Whether a client that accepts gzip gets it."""
    chunked: bool = False
    """Whether bodies come in chunks instead of with a Content-Length."""
    require_key: str | None = None
    """The only key that is not answered with 401; absent: the plain list is open and any key opens the account's."""
    account_ids: frozenset[str] | None = None
    """Ids that the account may use; absent: all of them."""
    fault: Fault | None = None
    fault_count: int | None = None
    """How many requests the fault spoils before things go well again; absent: every one."""
    fault_path: str | None = None
    """The one path that the fault spoils; absent: every path."""


def answer(exchange: Exchange, plan: Plan, found: Records) -> None:
    """What OpenRouter would answer to this request."""
    request = exchange.request
    if request.path not in (MODELS, USER_MODELS):
        refuse(exchange, 404, "Not Found")
    elif request.method != "GET":
        refuse(exchange, 405, "Method Not Allowed")
    elif not _admits(plan, request):
        refuse(exchange, 401, "No cookie auth credentials found" if not request.authorization else "User not found.")
    else:
        body = found if isinstance(found, bytes) else _page(exchange, plan, _visible(plan, request, found))
        _send_list(exchange, plan, body)


def _send_list(exchange: Exchange, plan: Plan, body: bytes) -> None:
    """The list in the coding that client and plan agree on, or 304 if the client has it."""
    asked = exchange.request.headers
    headers = {"Transfer-Encoding": "chunked"} if plan.chunked else {}
    if plan.etag:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if headers["ETag"] in asked.get("if-none-match", ""):
            exchange.respond(304, headers={"ETag": headers["ETag"]})
            return
    if plan.gzip and "gzip" in asked.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = gzipped(body)
    exchange.respond(200, body, headers=headers)


def _admits(plan: Plan, request: SeenRequest) -> bool:
    if plan.require_key is not None:
        return request.authorization == f"Bearer {plan.require_key}"
    return request.path == MODELS or request.authorization is not None


def _visible(plan: Plan, request: SeenRequest, rows: Sequence[Record]) -> Sequence[Record]:
    """The account's rows or all; without `output_modalities=all` only those with text output, as upstream has it."""
    if request.path == USER_MODELS and plan.account_ids is not None:
        rows = [row for row in rows if row.get("id") in plan.account_ids]
    return rows if request.parameters.get("output_modalities") == "all" else [row for row in rows if _writes(row)]


def _writes(row: Record) -> bool:
    """Whether a row has text output; one from before such lists counts as having it."""
    architecture = row.get("architecture")
    outputs = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    return not isinstance(outputs, list) or "text" in outputs


def _page(exchange: Exchange, plan: Plan, rows: Sequence[Record]) -> bytes:
    if plan.page_size is None:
        return list_body(rows)
    start = int(exchange.request.parameters.get("offset", "0"))
    end = start + plan.page_size
    following = exchange.own_url(offset=str(end), limit=str(plan.page_size)) if end < len(rows) else None
    if following is not None and plan.relative_links:
        following = following.removeprefix(exchange.origin)
    return list_body(rows[start:end], total_count=len(rows), links={"next": following})


def refuse(exchange: Exchange, status: int, message: str) -> None:
    exchange.respond(status, as_json({"error": {"code": status, "message": message}}))
