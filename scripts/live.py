"""OpenRouter's list as it is now: the pages of `GET /models?output_modalities=all`, raw.

No key is sent: the list is public.
"""

import time
from typing import TypedDict
from urllib.parse import urljoin

import httpx2
import msgspec

DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"

PAGES_MAX = 50
BODY_BYTES_MAX = 64 * 1024 * 1024
"""Of all pages together, after decompression."""
SECONDS_MAX = 120
"""For the whole list. A single wait is bounded by `TIMEOUT`."""
TIMEOUT = httpx2.Timeout(20, connect=5)


class UnreachableError(Exception):
    """The list could not be had whole; the message says from where and why."""


class _Links(TypedDict, total=False):
    next: str | None


class _Page(msgspec.Struct):
    links: _Links | None = None


def pages(base_url: str) -> list[bytes]:
    """The bodies of all pages in order.

    Raises:
        UnreachableError: no answer, a status other than 200, a body that is no JSON list, or a bound was passed.
    """
    url: str | None = f"{base_url.rstrip('/')}/models?output_modalities=all"
    deadline = time.monotonic() + SECONDS_MAX
    bodies: dict[str, bytes] = {}
    with httpx2.Client(timeout=TIMEOUT, headers={"User-Agent": "llmanac-bundle"}) as client:
        while url is not None:
            if url in bodies or len(bodies) == PAGES_MAX:
                raise UnreachableError(f"{url}: more than {PAGES_MAX} pages, or a page that leads back to itself")
            room = BODY_BYTES_MAX - sum(map(len, bodies.values()))
            bodies[url] = _body(client, url, room, deadline)
            url = _following(url, bodies[url])
    return [*bodies.values()]


def _body(client: httpx2.Client, url: str, room: int, deadline: float) -> bytes:
    body = bytearray()
    try:
        with client.stream("GET", url) as response:
            if response.status_code != httpx2.codes.OK:
                raise UnreachableError(f"{url}: expected status 200, got {response.status_code}")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > room:
                    raise UnreachableError(f"{url}: the list is larger than {BODY_BYTES_MAX} bytes")
                if time.monotonic() > deadline:
                    raise UnreachableError(f"{url}: the list did not come within {SECONDS_MAX} seconds")
    except httpx2.HTTPError as error:
        raise UnreachableError(f"{url}: {type(error).__name__}: {error}") from error
    return bytes(body)


def _following(url: str, body: bytes) -> str | None:
    """The address of the next page. It must lie on the host that was asked for."""
    try:
        page = msgspec.json.decode(body, type=_Page | list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise UnreachableError(f"{url}: expected a list of models: {error}") from error
    # A bare list is whole; OpenRouter pages only inside the object.
    after = page.links.get("next") if isinstance(page, _Page) and page.links else None
    if after is None:
        return None
    address = httpx2.URL(urljoin(url, after))
    asked = httpx2.URL(url)
    if (address.scheme, address.netloc) != (asked.scheme, asked.netloc):
        raise UnreachableError(f"{url}: the next page lies elsewhere: {address}")
    return str(address)
