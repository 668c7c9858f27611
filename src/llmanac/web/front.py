"""The catalogue's endpoint as a bare ASGI callable, in front of the framework.

A request for the list that is served costs a token look-up, a comparison of fields and a write: nothing is rendered,
compressed, queried or logged one by one. Other questions are answered in threads, a few at a time, and their answers
kept; see `web.listing` and `web.past`. Everything else goes on to the framework.
"""

import asyncio
import threading
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import structlog
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from llmanac.access.gate import Gate
from llmanac.access.token import AccessScope, hash_token
from llmanac.catalogue.catalogue import Catalogue
from llmanac.clock import seconds
from llmanac.errors import MethodNotAllowed, RequestError, StoreError, Unavailable
from llmanac.query.fields import LISTING_FIELDS
from llmanac.render.listing import View
from llmanac.sync.current import Current, Held
from llmanac.web.answers import (
    Answers,
    Headers,
    Representation,
    conditional_fields,
    lines,
    make_answers,
    media_type_of,
    standing_fields,
)
from llmanac.web.credentials import credential, read_query
from llmanac.web.listing import answer_question
from llmanac.web.negotiate import choose_coding, names_etag
from llmanac.web.past import Past
from llmanac.web.problems import internal_error, problem_body, problem_headers
from llmanac.web.question import Question, read_question

PATH = "/api/ai/models"
_ALLOWED = ("GET", "HEAD")
_NEVER_YET_SECONDS = 5
_EXPOSED = (
    "Content-Disposition", "Deprecation", "ETag", "Link", "Retry-After", "Sunset", "WWW-Authenticate",
    "X-Catalogue-Age", "X-Catalogue-Serial", "X-Catalogue-Source", "X-Request-Id", "X-Total-Count",
)  # fmt: skip
"""Fields of answers that a web page of another origin could not read else."""
log = structlog.get_logger("llmanac.web")

Fields = Iterable[tuple[bytes, bytes]]
"""A request's, names in lower case."""


class Asked(msgspec.Struct):
    """The fields of a request that matter here; several of one name are joined as RFC 9110 section 5.3 says."""

    authorization: str | None = None
    api_key: str | None = None
    accept_encoding: str | None = None
    if_none_match: str | None = None
    origin: str | None = None
    credential: str | None = None
    digest: bytes | None = None
    """Of the credential, so that a question that comes again is not hashed again."""


class _Answer(msgspec.Struct, frozen=True):
    """What is sent, before the server's own fields."""

    status: int
    fields: Headers
    body: bytes


class Shelf:
    """The ready answers of one Catalogue, by view."""

    def __init__(self, catalogue: Catalogue, *, configured: bool, hide_unconfigured: bool) -> None:
        """Makes the default view's answers; not on the event loop."""
        self._catalogue = catalogue
        self._configured = configured
        self._hide_unconfigured = hide_unconfigured
        self._making = threading.Lock()
        self._views: dict[View, Answers] = {}
        self.make(View.LISTED)

    def ready(self, view: View) -> Answers | None:
        """The answers of a view, None when they are yet to be made."""
        return self._views.get(view)

    def make(self, view: View) -> Answers:
        """The answers of a view, made now unless another request just did. Not on the event loop."""
        with self._making:
            if view not in self._views:
                self._views[view] = make_answers(
                    self._catalogue, view, configured=self._configured, hide_unconfigured=self._hide_unconfigured
                )
            return self._views[view]


class Front:
    """Answers the catalogue's endpoint itself and hands everything else to the framework."""

    def __init__(
        self,
        framework: ASGIApp,
        gate: Gate,
        current: Current[Shelf],
        past: Past[Shelf],
        origins: Sequence[str] = (),
    ) -> None:
        """Answers nothing yet.

        Args:
            origins: Those whose web pages may read every answer, the framework's too; `*` is any.
        """
        self._framework = framework
        self._shared = _share(self._serve, origins) if origins else None
        self._shared_lines = b"vary: Origin\r\n" if origins else b""
        self._gate = gate
        self._current = current
        self._past = past
        self._standing_of: tuple[int, Held[Shelf]] = (-1, current.held)
        self._standing: Headers = ()
        self._standing_lines = b""
        self.answered: Counter[int] = Counter()
        """Answers by status since the last time they were logged."""
        self.refused: Counter[int] = Counter()
        """As `answered`, of what never became a request: the protocol counts it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await (self._shared or self._serve)(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._framework(scope, receive, send)
            return
        try:
            answer = await self._answer(scope)
        except RequestError as refusal:
            await self._refuse(scope, send, refusal)
        except StoreError as problem:
            log.error("store.failed", detail=problem.message)  # noqa: TRY400  the message says it all
            await self._refuse(scope, send, store_away())
        except Exception:
            request_id = uuid.uuid4().hex
            log.exception("request.crashed", path=PATH, request_id=request_id)
            await self._refuse(scope, send, internal_error(), (b"x-request-id", request_id.encode()))
        else:
            self.answered[answer.status] += 1
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.fields})
            body = answer.body if answer.status == 200 and scope["method"] == "GET" else b""
            await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope) -> _Answer:
        method = scope["method"]
        if method not in _ALLOWED:
            raise MethodNotAllowed(f"{PATH} cannot be asked with {method[:20]}", allowed=_ALLOWED)
        held = self._current.held
        asked = read_fields(scope["headers"])
        view = View.LISTED
        if scope["query_string"]:
            self._admit(asked)
            values = read_query(scope["query_string"].decode("latin-1"), LISTING_FIELDS, self._gate)
            question = read_question(values)
            if not question.is_plain:
                return await self._answer_question(asked, question, values, held)
            view = question.view
        answers = held.ready.ready(view) if held.ready else None
        if answers is None:
            self._admit(asked)
            if held.ready is None:
                raise no_list_yet()
            answers = await asyncio.to_thread(held.ready.make, view)
        representation, status = self._choose_ready(asked, answers)
        fields = representation.ok if status == 200 else representation.not_modified
        return _Answer(status, fields + self._standing_headers(held), representation.body)

    async def _answer_question(
        self, asked: Asked, question: Question, values: Mapping[str, str], held: Held[Shelf]
    ) -> _Answer:
        if held.ready is None:
            raise no_list_yet()
        coding = choose_coding(asked.accept_encoding)
        then, coded, links = await answer_question(self._past, question, values, coding)
        media_type = media_type_of(question.view, picked=bool(question.fields))
        status, fields = conditional_fields(coded, then.fields(seconds()), asked.if_none_match, media_type)
        return _Answer(status, fields + links, coded.body)

    def _admit(self, asked: Asked) -> None:
        self._gate.admit(asked.credential, AccessScope.READ, seconds(), digest=asked.digest)

    def _choose_ready(self, asked: Asked, answers: Answers | None) -> tuple[Representation, int]:
        self._admit(asked)
        if answers is None:
            raise no_list_yet()
        representation = answers[choose_coding(asked.accept_encoding)]
        conditions = asked.if_none_match
        unchanged = conditions is not None and names_etag(conditions, representation.etag)
        return representation, 304 if unchanged else 200

    def _standing_headers(self, held: Held[Shelf]) -> Headers:
        """Source and age, written once a second and when the list changes."""
        now = seconds()
        if self._standing_of[0] != int(now) or self._standing_of[1] is not held:
            assert held.standing is not None, "a list that is served stands somehow"
            self._standing = standing_fields(held.standing.source, held.standing.agreed_at, now)
            self._standing_lines = lines(self._standing)
            self._standing_of = (int(now), held)
        return self._standing

    def refuse_stranger(self, fields: Fields) -> RequestError | None:
        """Why whoever sends these fields is not let in; None if they are."""
        try:
            self._admit(read_fields(fields))
        except RequestError as refusal:
            return refusal
        return None

    def answer_at_once(self, asked: Asked) -> tuple[bytes, bytes] | None:
        """Head and body of the plain question's answer, without ASGI; None for everything that is not plain.

        The head lacks the server's own fields and the empty line. Who is refused, or asks for another view, comes in by
        `__call__`, so there is one place for that.
        """
        held = self._current.held
        if held.ready is None or (asked.origin is not None and self._shared is not None):
            return None
        try:
            representation, status = self._choose_ready(asked, held.ready.ready(View.LISTED))
        except Exception:  # noqa: BLE001  the long way meets it again, and says and logs what it is
            return None
        self.answered[status] += 1
        self._standing_headers(held)
        if status == 304:
            return representation.not_modified_lines + self._standing_lines + self._shared_lines, b""
        return representation.ok_lines + self._standing_lines + self._shared_lines, representation.body

    async def _refuse(self, scope: Scope, send: Send, refusal: RequestError, *more: tuple[bytes, bytes]) -> None:
        self.answered[refusal.status] += 1
        body = problem_body(refusal, scope["path"])
        fields = [(name.lower().encode(), value.encode()) for name, value in problem_headers(refusal, PATH).items()]
        fields += more
        fields.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": refusal.status, "headers": fields})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _share(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Lets web pages of these origins ask and read (CORS), with any request fields: no cookie is ever read."""
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=("GET", "HEAD", "POST", "DELETE"),
        allow_headers=("*",),
        expose_headers=_EXPOSED,
    )


def no_list_yet() -> Unavailable:
    """The refusal while there is nothing to serve."""
    return Unavailable(
        "No list has been had yet: not from upstream, not from the store, not from the bundle",
        hint="Ask /readyz until it is ready.",
        retry_after_seconds=_NEVER_YET_SECONDS,
    )


def store_away() -> Unavailable:
    """The refusal of what cannot be had from memory while the database is away."""
    return Unavailable(
        "The database cannot be used now; the catalogue is served from memory meanwhile", code="STORE_UNAVAILABLE"
    )


def read_fields(fields: Fields) -> Asked:
    """What matters of a request's fields."""
    asked = Asked()
    for name, value in fields:
        if name == b"authorization" and asked.authorization is None:
            asked.authorization = value.decode("latin-1")
        elif name == b"accept-encoding":
            asked.accept_encoding = _joined(asked.accept_encoding, value)
        elif name == b"if-none-match":
            asked.if_none_match = _joined(asked.if_none_match, value)
        elif name == b"origin":
            asked.origin = value.decode("latin-1")
        elif name == b"x-api-key" and asked.api_key is None:
            asked.api_key = value.decode("latin-1")
    asked.credential = credential(asked.authorization, asked.api_key)
    asked.digest = hash_token(asked.credential) if asked.credential else None
    return asked


def _joined(before: str | None, value: bytes) -> str:
    text = value.decode("latin-1")
    return text if before is None else f"{before},{text}"
