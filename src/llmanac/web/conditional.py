"""An answer that may be kept as long as it is asked for anew: with a strong tag, and 304 for who has it already."""

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType

from fastapi import Request, Response

from llmanac.web.negotiate import names_etag

REVALIDATED: Mapping[str, str] = MappingProxyType({"Cache-Control": "private, no-cache", "Vary": "Authorization"})
"""Keep it, but ask before using it: the next list may make another answer."""


def conditional(
    request: Request,
    body: bytes,
    headers: Mapping[str, str] = REVALIDATED,
    *,
    media_type: str = "application/json",
) -> Response:
    """200 with the body, or 304 if the caller names its tag; `headers` go with both."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    fields = {"ETag": etag, **headers}
    conditions = ",".join(request.headers.getlist("if-none-match"))
    if conditions and names_etag(conditions, etag):
        return Response(status_code=304, headers=fields)
    return Response(body, media_type=media_type, headers={**fields, "X-Content-Type-Options": "nosniff"})
