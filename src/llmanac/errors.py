"""Every error llmanac raises for a caller to catch. Imports nothing of ours.

LlmanacError
├── RequestError                what an HTTP caller asked could not be done; carries the status
│   ├── InvalidParameter    400
│   ├── Unauthorized        401
│   ├── Forbidden           403
│   ├── NotFound            404
│   ├── MethodNotAllowed    405
│   ├── NotAcceptable       406
│   ├── RequestTimeout      408
│   ├── Conflict            409
│   ├── BodyTooLarge        413
│   ├── UnsupportedBody     415
│   ├── InvalidBody         422
│   ├── HeadTooLarge        431
│   └── Unavailable         503
├── SettingsError               a setting is wrong; the start is refused
├── StoreError                  the database cannot be used
│   ├── StoreUnreachable
│   ├── SchemaTooNew
│   └── LeaseLost               somebody else holds the right to sync; nothing was saved
├── UpstreamError               no answer that could be judged came back
│   ├── UpstreamUnreachable     connection, time limit, broken transfer
│   ├── UpstreamRefused         a status that is no list
│   ├── UpstreamTooLarge        a limit of size, pages or redirects was reached
│   └── KeyRejected             401 to the key we sent
└── ServerError                 (command line) a llmanac server could not be reached, or refused
"""

import re
from collections.abc import Mapping
from datetime import timedelta

_SECRETS = re.compile(r"(lmn_|sk-or-v1-|sk-)[A-Za-z0-9_-]{8,}")


def redact(text: str) -> str:
    """The text with everything that looks like a credential of ours or of OpenRouter's blacked out."""
    return _SECRETS.sub(lambda found: f"{found[1]}…", text)


class LlmanacError(Exception):
    """A failure with words for a person: what happened, and `hint`, what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(redact(message))
        self.message = redact(message)
        self.hint = hint


class RequestError(LlmanacError):
    """A refusal an HTTP caller sees; `code` is stable and meant for programs.

    `title` is the status's own phrase, as RFC 9457 section 4.2.1 wants it with `about:blank`.
    """

    status = 500
    code = "INTERNAL"
    title = "Internal Server Error"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code or type(self).code

    @property
    def headers(self) -> dict[str, str]:
        """Header fields that belong to this refusal."""
        return {}

    @property
    def members(self) -> Mapping[str, object]:
        """Members of the answer beyond those of every refusal (RFC 9457 section 3.2)."""
        return {}


class InvalidParameter(RequestError):
    """A query or path parameter is unknown, doubled or impossible; `parameter` is its name, where one is to blame."""

    status, code, title, exit_code = 400, "INVALID_PARAMETER", "Bad Request", 2

    def __init__(self, message: str, *, hint: str = "", code: str | None = None, parameter: str | None = None) -> None:
        super().__init__(message, hint=hint, code=code)
        self.parameter = None if parameter is None else redact(parameter)


class Unauthorized(RequestError):
    """No credential, or one that is not (or no longer) good. `sent` tells which, as RFC 6750 section 3.1 wants."""

    status, code, title, exit_code = 401, "AUTH_MISSING_TOKEN", "Unauthorized", 4

    def __init__(self, message: str, *, hint: str = "", code: str | None = None, sent: bool = False) -> None:
        super().__init__(message, hint=hint, code=code)
        self.sent = sent

    @property
    def headers(self) -> dict[str, str]:
        """The challenge; `error` only when a credential was sent (RFC 6750 section 3.1)."""
        return {"WWW-Authenticate": 'Bearer realm="llmanac"' + (', error="invalid_token"' if self.sent else "")}


class Forbidden(RequestError):
    """A good token without the scope that is needed."""

    status, code, title, exit_code = 403, "AUTH_MISSING_SCOPE", "Forbidden", 4

    def __init__(self, message: str, *, scope: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.scope = scope

    @property
    def headers(self) -> dict[str, str]:
        """The challenge of RFC 6750 section 3.1."""
        return {"WWW-Authenticate": f'Bearer realm="llmanac", error="insufficient_scope", scope="{self.scope}"'}


class NotFound(RequestError):
    """Nothing of that name."""

    status, code, title = 404, "NOT_FOUND", "Not Found"


class MethodNotAllowed(RequestError):
    """The path exists, the method does not; `allowed` are those that do."""

    status, code, title = 405, "METHOD_NOT_ALLOWED", "Method Not Allowed"

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message, hint=f"Use {' or '.join(allowed)}.")
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        """`Allow`, which RFC 9110 section 15.5.6 requires."""
        return {"Allow": ", ".join(self.allowed)}


class NotAcceptable(RequestError):
    """Every content coding we could send was ruled out, identity included."""

    status, code, title = 406, "NOT_ACCEPTABLE", "Not Acceptable"


class RequestTimeout(RequestError):
    """The request did not arrive within the time that the setting allows."""

    status, code, title = 408, "REQUEST_TIMEOUT", "Request Timeout"


class Conflict(RequestError):
    """The state of things forbids it now."""

    status, code, title = 409, "CONFLICT", "Conflict"


class BodyTooLarge(RequestError):
    """The request body is larger than the setting allows."""

    status, code, title = 413, "BODY_TOO_LARGE", "Content Too Large"


class UnsupportedBody(RequestError):
    """The request body is of a media type that the route does not read."""

    status, code, title = 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type"


class InvalidBody(RequestError):
    """The request body is not what the route describes."""

    status, code, title, exit_code = 422, "INVALID_BODY", "Unprocessable Content", 2


class HeadTooLarge(RequestError):
    """The request's line and fields are larger than the setting allows."""

    status, code, title = 431, "HEAD_TOO_LARGE", "Request Header Fields Too Large"


class Unavailable(RequestError):
    """Not now; `retry_after` says when to ask again."""

    status, code, title = 503, "NO_CATALOGUE", "Service Unavailable"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None, retry_after_seconds: int = 5) -> None:
        super().__init__(message, hint=hint, code=code)
        self.retry_after_seconds = retry_after_seconds

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds."""
        return {"Retry-After": str(self.retry_after_seconds)}


class SettingsError(LlmanacError):
    """A setting has a value it cannot have."""

    exit_code = 2


class StoreError(LlmanacError):
    """The database answered with an error. `code` is what a sync that fails of it is told under."""

    exit_code = 3
    code = "STORE_UNAVAILABLE"


class StoreUnreachable(StoreError):
    """The database cannot be opened."""


class SchemaTooNew(StoreError):
    """The database was written by a newer llmanac."""


class LeaseLost(StoreError):
    """The right to sync passed to another process before the work was saved."""

    code = "SYNC_OVERTAKEN"


class UpstreamError(LlmanacError):
    """Upstream gave nothing that could be judged. `code` is stable; the last good list stays."""

    exit_code = 3
    code = "UPSTREAM_FAILED"
    transient = False

    def __init__(self, message: str, *, hint: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class UpstreamUnreachable(UpstreamError):
    """The connection failed, broke or took too long; trying again may help."""

    code = "UPSTREAM_UNREACHABLE"
    transient = True


class UpstreamRefused(UpstreamError):
    """Upstream answered with a status that is no list; `transient` for 429 and 5xx."""

    code = "UPSTREAM_REFUSED"

    def __init__(self, message: str, *, hint: str = "", retry_after: timedelta | None = None, transient: bool) -> None:
        super().__init__(message, hint=hint, retry_after=retry_after)
        self.transient = transient


class UpstreamTooLarge(UpstreamError):
    """The answer passes a limit that is a setting (bytes, pages, redirects)."""

    code = "UPSTREAM_TOO_LARGE"


class KeyRejected(UpstreamError):
    """Upstream does not accept OPENROUTER_API_KEY."""

    code = "UPSTREAM_KEY_REJECTED"
    exit_code = 4


class ServerError(LlmanacError):
    """A llmanac server could not be reached (exit 3), or refused: the exit code is that of the same refusal here."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "", status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        kinds = {kind.status: kind.exit_code for kind in RequestError.__subclasses__()}
        self.exit_code = kinds.get(status, 3) if status is not None and status < 500 else 3
