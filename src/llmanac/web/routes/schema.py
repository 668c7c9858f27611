"""`/schema`: the OpenAPI document and a page that shows it, without a line of script."""

import re
from functools import lru_cache

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from llmanac.web.openapi.describe import OPEN, described

router = APIRouter()
_BACKTICKS = re.compile(r"`([^`]+)`")
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@router.get(
    "/schema/openapi.json", summary="This document", **described(None, says="OpenAPI 3.1", refusals=OPEN, scope=None)
)
def openapi(request: Request) -> Response:
    """Every route, every shape."""
    return Response(request.app.state.openapi(), media_type="application/json", headers={"Cache-Control": "no-cache"})


@router.get(
    "/schema",
    summary="This document as a page",
    response_class=HTMLResponse,
    **described(None, says="A page", refusals=OPEN, scope=None),
)
def page(request: Request) -> Response:
    """The same, for people."""
    return HTMLResponse(_page(request.app.state.openapi()), headers=_PAGE_HEADERS)


@lru_cache(maxsize=1)
def _page(document: bytes) -> str:
    # Imported for the first reader of the page, not by every start.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  see above
    from markupsafe import Markup, escape  # noqa: PLC0415  see above

    environment = Environment(loader=PackageLoader("llmanac.web"), autoescape=True, undefined=StrictUndefined)
    environment.filters["json"] = lambda value: msgspec.json.format(msgspec.json.encode(value)).decode()
    environment.filters["code"] = lambda text: Markup(_BACKTICKS.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  it is escaped
    return environment.get_template("schema.html").render(document=msgspec.json.decode(document))
