"""The stable codes of refusals and attempts. The code says which there are; a code without words here is an error."""

import ast
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import llmanac
from llmanac import errors
from llmanac.errors import RequestError, StoreError, UpstreamError
from llmanac.sync.guard import Reason
from llmanac.upstream.split import NotAListReason
from scripts.reference.markdown import code, table

Kind = TypeVar("Kind", bound=errors.LlmanacError)

_SOURCES = Path(llmanac.__file__).parent

_REFUSED: Mapping[str, str] = {
    "INVALID_PARAMETER": "A query or path parameter is unknown, doubled or impossible.",
    "AUTH_TOKEN_IN_QUERY": "A token was sent in the address, where logs and proxies keep it. Revoke it.",
    "AUTH_MISSING_TOKEN": "No token was sent.",
    "AUTH_INVALID_TOKEN": "The token is unknown, was revoked, or has a typing mistake.",
    "AUTH_EXPIRED_TOKEN": "The token's time is over.",
    "AUTH_MISSING_SCOPE": "The token is good but lacks the scope.",
    "NOT_FOUND": "There is nothing of that name.",
    "METHOD_NOT_ALLOWED": "The path exists, the method does not. `Allow` names those that do.",
    "NOT_ACCEPTABLE": "`Accept-Encoding` rules out every coding, `identity` too.",
    "CONFLICT": "The state of things forbids it now.",
    "NOT_ADMISSIBLE": "The quarantined entry is no list of models.",
    "OFFLINE": "The server is set never to call upstream (`LLMANAC_OFFLINE`).",
    "SYNC_RUNNING": "This or another process is syncing.",
    "SYNC_OVERTAKEN": "Another process saved a list meanwhile. Nothing was written; ask again.",
    "NO_LIST_THEN": "No list is known of that instant or Serial. The answer says how far those reach that are.",
    "MODEL_UNKNOWN": "No model ever had that id. `near` names some that are like it.",
    "MODEL_REMOVED": "The model is no longer listed. The answer has its last data and what may stand in for it.",
    "OTHER_LIST_KNOWN": "(import) Another list is known of that very instant.",
    "OTHER_SCOPE": "(import) A public list cannot belong to the series of an account.",
    "BODY_TOO_LARGE": "The body is larger than `LLMANAC_REQUEST_MAX_BODY_BYTES`.",
    "UNSUPPORTED_MEDIA_TYPE": "The body is not `application/json`.",
    "INVALID_BODY": "The body is not what the route describes. The message says where.",
    "IMPOSSIBLE_WORKLOAD": "The counts of a workload contradict each other or are out of range.",
    "IMPOSSIBLE_GROWTH": "The series of days to price cannot be. The message names what is wrong.",
    "TOO_MANY_WORKLOADS": "More workloads, or models times workloads, than are priced together.",
    "HEAD_TOO_LARGE": "The request's line and fields are more than `LLMANAC_REQUEST_MAX_HEAD_BYTES` or `…_MAX_FIELDS`.",
    "REQUEST_TIMEOUT": "The request did not arrive within `LLMANAC_REQUEST_HEAD_SECONDS` or `…_BODY_SECONDS`.",
    "BUSY": "There are too many connections, or too many requests that are not answered yet. Ask again.",
    "INTERNAL": "A fault of the server's. Its log has it under the `X-Request-Id`.",
    "EXTRA_NOT_INSTALLED": "What was asked for needs an extra that the server lacks. The message names it.",
    "NO_CATALOGUE": "No list has been had yet: not from upstream, the store or the bundle.",
    "STORE_UNAVAILABLE": "The database cannot be used now. The list itself is still served.",
}

_FAILED: Mapping[str, str] = {
    "UPSTREAM_FAILED": "Nothing came that could be judged.",
    "UPSTREAM_UNREACHABLE": "The connection failed, broke, or took too long.",
    "UPSTREAM_REFUSED": "Upstream answered with a status that is no list.",
    "UPSTREAM_TOO_LARGE": "A limit of bytes, pages or redirects was reached.",
    "UPSTREAM_KEY_REJECTED": "Upstream does not accept `OPENROUTER_API_KEY`.",
    "STORE_UNAVAILABLE": "The database cannot be used, or nothing can be written to it.",
    "SYNC_OVERTAKEN": "Another process took over before anything was saved.",
    "INTERNAL": "A fault of the server's. Its log has it.",
}

_SET_ASIDE: Mapping[str, str] = {
    "NOT_JSON": "The answer is not JSON.",
    "HTML": "The answer is a page.",
    "ERROR_OBJECT": "The answer is an error object with status 200.",
    "NO_LIST": "The answer is JSON but no list.",
    "EMPTY": "The list has no model.",
    "SHRUNK": "Too few models: below `LLMANAC_QUARANTINE_MIN_SHARE` of the last good list.",
    "REJECTED_ROWS": "Too many bad rows: above `LLMANAC_QUARANTINE_MAX_REJECT_SHARE`.",
    "REPRICED": "Too many prices changed beyond belief: above `LLMANAC_QUARANTINE_MAX_REPRICED_SHARE`.",
}


def refusal_codes() -> str:
    """Every `error` of a problem answer, by status."""
    kinds = {kind.code: kind for kind in _classes(RequestError)}
    kinds |= dict(_raised())
    rows = sorted((str(kind.status), code(name), _words(_REFUSED, name)) for name, kind in kinds.items())
    return table(("status", "`error`", "when"), rows)


def attempt_codes() -> str:
    """Every `code` of an attempt to sync, with its outcome."""
    names = [kind.code for kind in _classes(UpstreamError)] + [kind.code for kind in _classes(StoreError)]
    failed = [(code(name), "failed", _words(_FAILED, name)) for name in dict.fromkeys([*names, RequestError.code])]
    kinds: tuple[type[StrEnum], ...] = (NotAListReason, Reason)
    reasons = [reason.upper() for kind in kinds for reason in kind]
    aside = [(code(reason), "quarantined", _words(_SET_ASIDE, reason)) for reason in reasons]
    return table(("`code`", "outcome", "when"), failed + aside)


def _words(told: Mapping[str, str], name: str) -> str:
    if name not in told:
        raise LookupError(f"The code {name} is not told; add its words to scripts/reference/codes.py")
    return told[name]


def _classes(root: type[Kind]) -> Iterator[type[Kind]]:
    """The class and its subclasses, in the order of the file."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, root):
            yield kind


def _raised() -> Iterator[tuple[str, type[RequestError]]]:
    """Codes given as `code="…"` where an error is raised, wherever in the sources."""
    kinds = {kind.__name__: kind for kind in _classes(RequestError)}
    for path in sorted(_SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in kinds:
                continue
            for given in node.keywords:
                if given.arg == "code" and isinstance(given.value, ast.Constant):
                    yield str(given.value.value), kinds[node.func.id]
