"""A typed client for a llmanac server: what the command line uses, and what an application may."""

from types import TracebackType
from typing import Self

import httpx2
import msgspec

from llmanac.errors import ServerError
from llmanac.render.listing import Listing

_TIMEOUT_SECONDS = 10
_SYNC_TIMEOUT_SECONDS = 300


class _Refusal(msgspec.Struct):
    message: str = ""
    nextActions: str = ""  # noqa: N815  as the server spells it


class Client:
    """One server, one token. Use it as a context manager.

    Every method raises ServerError when the server cannot be reached or refuses.
    """

    def __init__(self, server: str, token: str | None) -> None:
        """Connects to nothing yet.

        Args:
            server: `http://host:port`, without a path.
            token: A token of that server's.
        """
        self._server = server.rstrip("/")
        if token is not None and not all("!" <= char <= "~" for char in token):
            raise ServerError("--token: Expected printable ASCII characters without spaces, got others", status=400)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(headers=headers, timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def models(self) -> Listing:
        """The whole list."""
        return msgspec.json.decode(self.get("/api/ai/models"), type=Listing)

    def sync(self) -> bytes:
        """Sync now and wait for the end; the answer's JSON."""
        return self._ask("POST", "/api/ai/sync", timeout=_SYNC_TIMEOUT_SECONDS)

    def get(self, path: str) -> bytes:
        """An answer's body."""
        return self._ask("GET", path)

    def look_up(self, path: str) -> tuple[bool, bytes]:
        """Whether it is still there, and the body; what is gone (410) has one too."""
        response = self._send("GET", path)
        if response.status_code == 410:
            return False, response.content
        return True, self._accepted(response, "GET", path)

    def post(self, path: str, body: bytes) -> bytes:
        """Send JSON; the answer's body."""
        return self._ask("POST", path, body=body)

    def delete(self, path: str) -> None:
        """Delete what is there."""
        self._ask("DELETE", path)

    def _ask(self, method: str, path: str, *, body: bytes | None = None, timeout: float = _TIMEOUT_SECONDS) -> bytes:
        return self._accepted(self._send(method, path, body=body, timeout=timeout), method, path)

    def _send(
        self, method: str, path: str, *, body: bytes | None = None, timeout: float = _TIMEOUT_SECONDS
    ) -> httpx2.Response:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            return self._http.request(method, self._server + path, content=body, headers=headers, timeout=timeout)
        except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
            raise ServerError(
                f"Cannot reach {self._server}: {problem}",
                hint="Is the server running? Check --server or LLMANAC_SERVER.",
            ) from None

    def _accepted(self, response: httpx2.Response, method: str, path: str) -> bytes:
        if response.is_success:
            return response.content
        try:
            refusal = msgspec.json.decode(response.content, type=_Refusal)
        except msgspec.DecodeError:
            refusal = _Refusal()
        raise ServerError(
            f"{self._server} answered {response.status_code} to {method} {path}: {refusal.message or 'no reason'}",
            hint=refusal.nextActions,
            status=response.status_code,
        )
