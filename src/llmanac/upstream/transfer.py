"""One HTTP exchange with upstream, within limits: size after decompression, redirects, and who gets the key."""

import zlib
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx2
import msgspec

from llmanac.clock import now
from llmanac.errors import KeyRejected, UpstreamError, UpstreamRefused, UpstreamTooLarge, UpstreamUnreachable

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429})
_MAX_ERROR_BYTES = 4096
_MAX_ETAG_BYTES = 1024
_GZIP_MAGIC = b"\x1f\x8b"


class TransferLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds for all exchanges of one fetch together, except `max_redirects`, which is per exchange."""

    max_body_bytes: int
    max_redirects: int
    connect_seconds: float


class Answer(msgspec.Struct, frozen=True):
    """A 200: its body without content coding, and its validator."""

    body: bytes
    etag: str | None


class Transfer:
    """The exchanges of one fetch. The key goes to the origin of `base_url` and to no other."""

    def __init__(self, base_url: str, key: str | None, user_agent: str, limits: TransferLimits) -> None:
        self._origin = _origin(base_url)
        self._key = key
        self._limits = limits
        self._received = 0
        # Only gzip is offered: it is what OpenRouter sends, and zlib can stop in the middle of a bomb.
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": user_agent}
        timeout = httpx2.Timeout(None, connect=limits.connect_seconds)
        self._client = httpx2.AsyncClient(headers=headers, timeout=timeout, follow_redirects=False)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, problem, trace)

    def forget(self) -> None:
        """Start counting bytes anew: what came so far is not part of the list."""
        self._received = 0

    def resolve(self, base: str, link: str) -> str:
        """An absolute address from a link upstream gave.

        Raises:
            UpstreamError: The link is no http(s) address, or leads from https to http.
        """
        try:
            url = urljoin(base, link)
            parts = urlsplit(url)
            _origin(url)
        except ValueError:
            raise UpstreamError(f"Expected an address in upstream's link, got {link[:100]!r}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UpstreamError(f"Expected an http(s) address in upstream's link, got {link[:100]!r}")
        if urlsplit(base).scheme == "https" and parts.scheme == "http":
            raise UpstreamError(f"Expected https throughout, got a link to {link[:100]!r}")
        return url

    async def get(self, url: str, *, etag: str | None = None) -> Answer | None:
        """The answer at an address, redirects followed; None for 304 to our condition.

        Raises:
            KeyRejected, UpstreamRefused, UpstreamTooLarge, UpstreamUnreachable: As named.
        """
        for _ in range(self._limits.max_redirects + 1):
            async with self._client.stream("GET", url, headers=self._headers(url, etag)) as response:
                if response.status_code in _REDIRECTS and (location := response.headers.get("location")):
                    url = self.resolve(url, location)
                    continue
                if response.status_code == 304 and etag is not None:
                    return None
                if response.status_code != 200:
                    raise self._refusal(response, await _error_excerpt(response))
                return Answer(await self._body(response), _etag(response))
        raise UpstreamTooLarge(f"Expected at most {self._limits.max_redirects} redirects, got one more")

    def _headers(self, url: str, etag: str | None) -> dict[bytes, bytes]:
        headers = {}
        if self._key is not None and _origin(url) == self._origin:
            headers[b"Authorization"] = f"Bearer {self._key}".encode()
        if etag is not None:
            headers[b"If-None-Match"] = etag.encode("latin-1")
        return headers

    async def _body(self, response: httpx2.Response) -> bytes:
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("gzip", "x-gzip", "identity", ""):
            raise UpstreamUnreachable(f"Expected gzip or no content coding, got {coding[:40]!r}")
        if coding in ("identity", ""):
            chunks = []
            async for chunk in response.aiter_raw():
                self._count(len(chunk))
                chunks.append(chunk)
            return b"".join(chunks)
        return await self._inflate(response)

    async def _inflate(self, response: httpx2.Response) -> bytes:
        inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        chunks = []
        try:
            async for chunk in response.aiter_raw():
                while chunk:
                    if inflater.eof:
                        raise UpstreamUnreachable("Expected one gzip stream, got bytes after its end")
                    # One byte more than is allowed is enough to know that the limit is passed.
                    room = self._limits.max_body_bytes - self._received + 1
                    chunks.append(inflater.decompress(chunk, room))
                    self._count(len(chunks[-1]))
                    chunk = inflater.unconsumed_tail or inflater.unused_data  # noqa: PLW2901  the rest of this chunk
        except zlib.error as problem:
            raise UpstreamUnreachable(f"Expected a gzip stream, got a broken one: {problem}") from None
        if not inflater.eof:
            raise UpstreamUnreachable("Expected a whole gzip stream, got only its beginning")
        return b"".join(chunks)

    def _count(self, received: int) -> None:
        self._received += received
        if self._received > self._limits.max_body_bytes:
            raise UpstreamTooLarge(
                f"Expected at most {self._limits.max_body_bytes} bytes after decompression, got more",
                hint="Raise LLMANAC_SYNC_MAX_BODY_BYTES if the list is really that large.",
            )

    def _refusal(self, response: httpx2.Response, said: str) -> UpstreamError:
        status = response.status_code
        if self._key is not None:
            said = said.replace(self._key, "…")
        if status == 401 and self._key is not None and _origin(str(response.request.url)) == self._origin:
            return KeyRejected(
                f"Upstream rejected OPENROUTER_API_KEY with status 401{said}", hint="Check OPENROUTER_API_KEY."
            )
        transient = status >= 500 or status in _TRANSIENT
        retry_after = read_retry_after(response.headers.get("retry-after")) if transient else None
        return UpstreamRefused(
            f"Expected a list with status 200, got status {status}{said}", transient=transient, retry_after=retry_after
        )


def _etag(response: httpx2.Response) -> str | None:
    """Upstream's validator as the bytes it is, whatever they are; a very long one is left alone."""
    sent = next((value for name, value in response.headers.raw if name.lower() == b"etag"), b"")
    return sent.decode("latin-1") if 0 < len(sent) <= _MAX_ETAG_BYTES else None


async def _error_excerpt(response: httpx2.Response) -> str:
    """What upstream said in its error body, as `: …` for the end of a message; empty when that is not plain."""
    text = b""
    try:
        async for chunk in response.aiter_raw():
            text += chunk[:_MAX_ERROR_BYTES]
            if len(text) >= _MAX_ERROR_BYTES:
                break
        if text[:2] == _GZIP_MAGIC:
            text = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(text, _MAX_ERROR_BYTES)
        said = msgspec.json.decode(text, type=_ErrorBody).error.message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, zlib.error, httpx2.TransportError):
        return ""
    # For logs and terminals: no line breaks, no escapes, no NUL.
    plain = "".join(character if character.isprintable() else " " for character in said[:200])
    return f": {plain}" if plain.strip() else ""


class _ErrorDetail(msgspec.Struct):
    message: str = ""


class _ErrorBody(msgspec.Struct):
    error: _ErrorDetail


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def read_retry_after(value: str | None) -> timedelta | None:
    """Seconds or an HTTP date (RFC 9110 section 10.2.3), never negative; None when it is neither. Never raises.

    However long: how much of it is waited is the schedule's to say.
    """
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return timedelta(seconds=int(value)) if len(value) < 12 else timedelta.max
    try:
        until = parsedate_to_datetime(value)
        # The one place that compares upstream's wall clock with ours; a wrong clock only changes how long we wait.
        return max(until.replace(tzinfo=until.tzinfo or UTC) - now(), timedelta())
    except Exception:  # noqa: BLE001  what the standard library's reader of dates raises has changed with its versions
        return None
