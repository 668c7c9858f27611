"""The catalogue's endpoint as a bare ASGI callable, in front of the framework.

A request for the list that is served costs a token look-up, a comparison of fields and a write: nothing is rendered,
compressed, queried or logged one by one. Other questions are answered in threads, a few at a time, and their answers
kept; see `protocol.list_pages` and `answers.list_reader`. Everything else goes on to the framework.
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
from llmanac.answers.list_question import ListQuestion, read_question
from llmanac.answers.list_reader import ListReader
from llmanac.answers.list_ref import no_list_yet
from llmanac.catalogue.catalogue import Catalogue
from llmanac.clock import seconds
from llmanac.errors import MethodNotAllowed, RequestError, StoreError, Unavailable
from llmanac.query.fields import LISTING_FIELDS
from llmanac.render.listing import View
from llmanac.sync.current import Current, Held
from llmanac.web.protocol.body_cache import BodyCache
from llmanac.web.protocol.credentials import credential, read_query
from llmanac.web.protocol.list_pages import answer_question
from llmanac.web.protocol.negotiation import choose_coding
from llmanac.web.protocol.problems import internal_error, problem_body, problem_headers
from llmanac.web.protocol.representations import (
    Answer,
    Answers,
    Headers,
    ReadyAnswer,
    conditional,
    fields_of_list,
    lines,
    make_answers,
    media_type_of,
    standing_fields,
)

PATH = "/api/ai/models"
_ALLOWED = ("GET", "HEAD")
_EXPOSED = (
    "Content-Disposition", "Deprecation", "ETag", "Link", "Retry-After", "Sunset", "WWW-Authenticate",
    "X-Catalogue-Age", "X-Catalogue-Serial", "X-Catalogue-Source", "X-Request-Id", "X-Total-Count",
)  # fmt: skip
"""Fields of answers that a web page of another origin could not read else."""
log = structlog.get_logger("llmanac.web")

Fields = Iterable[tuple[bytes, bytes]]
"""A request's, names in lower case."""


class RequestHead(msgspec.Struct):
    """The fields of a request that matter here; several of one name are joined as RFC 9110 section 5.3 says."""

    authorization: str | None = None
    api_key: str | None = None
    accept_encoding: str | None = None
    if_none_match: str | None = None
    origin: str | None = None
    credential: str | None = None
    digest: bytes | None = None
    """Of the credential, so that a question that comes again is not hashed again."""


class ReadyAnswers:
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


class HotPath:
    """Answers the catalogue's endpoint itself and hands everything else to the framework."""

    def __init__(
        self,
        framework: ASGIApp,
        gate: Gate,
        current: Current[ReadyAnswers],
        bodies: BodyCache,
        lists: ListReader,
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
        self._bodies = bodies
        self._lists = lists
        self._standing_of: tuple[int, Held[ReadyAnswers]] = (-1, current.held)
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
            body = answer.body if scope["method"] == "GET" else b""
            await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope) -> Answer:
        method = scope["method"]
        if method not in _ALLOWED:
            raise MethodNotAllowed(f"{PATH} cannot be asked with {method[:20]}", allowed=_ALLOWED)
        held = self._current.held
        head = read_head(scope["headers"])
        view = View.LISTED
        if scope["query_string"]:
            self._admit(head)
            values = read_query(scope["query_string"].decode("latin-1"), LISTING_FIELDS, self._gate)
            question = read_question(values)
            if not question.is_plain:
                return await self._answer_question(head, question, values)
            view = question.view
        answers = held.ready.ready(view) if held.ready else None
        if answers is None:
            self._admit(head)
            if held.ready is None:
                raise no_list_yet()
            answers = await asyncio.to_thread(held.ready.make, view)
        answer = self._choose_ready(head, answers).conditional.answer(head.if_none_match)
        return Answer(answer.status, answer.fields + self._standing_headers(held), answer.body)

    async def _answer_question(self, head: RequestHead, question: ListQuestion, values: Mapping[str, str]) -> Answer:
        coding = choose_coding(head.accept_encoding)
        list_ref, coded, links = await answer_question(self._bodies, self._lists, question, values, coding)
        media_type = media_type_of(question.view, picked=bool(question.fields))
        fields = fields_of_list(list_ref, seconds()) + links
        return conditional(coded, fields, media_type).answer(head.if_none_match)

    def _admit(self, head: RequestHead) -> None:
        self._gate.admit(head.credential, AccessScope.READ, seconds(), digest=head.digest)

    def _choose_ready(self, head: RequestHead, answers: Answers | None) -> ReadyAnswer:
        self._admit(head)
        if answers is None:
            raise no_list_yet()
        return answers[choose_coding(head.accept_encoding)]

    def _standing_headers(self, held: Held[ReadyAnswers]) -> Headers:
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
            self._admit(read_head(fields))
        except RequestError as refusal:
            return refusal
        return None

    def answer_at_once(self, head: RequestHead) -> tuple[bytes, bytes] | None:
        """Head and body of the plain question's answer, without ASGI; None for everything that is not plain.

        The head lacks the server's own fields and the empty line. Who is refused, or asks for another view, comes in by
        `__call__`, so there is one place for that.
        """
        held = self._current.held
        if held.ready is None or (head.origin is not None and self._shared is not None):
            return None
        try:
            ready = self._choose_ready(head, held.ready.ready(View.LISTED))
        except Exception:  # noqa: BLE001  the long way meets it again, and says and logs what it is
            return None
        answer = ready.conditional.answer(head.if_none_match)
        self.answered[answer.status] += 1
        self._standing_headers(held)
        return ready.heads[answer.status] + self._standing_lines + self._shared_lines, answer.body

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


def store_away() -> Unavailable:
    """The refusal of what cannot be had from memory while the database is away."""
    return Unavailable(
        "The database cannot be used now; the catalogue is served from memory meanwhile", code="STORE_UNAVAILABLE"
    )


def read_head(fields: Fields) -> RequestHead:
    """What matters of a request's fields."""
    head = RequestHead()
    for name, value in fields:
        if name == b"authorization" and head.authorization is None:
            head.authorization = value.decode("latin-1")
        elif name == b"accept-encoding":
            head.accept_encoding = _joined(head.accept_encoding, value)
        elif name == b"if-none-match":
            head.if_none_match = _joined(head.if_none_match, value)
        elif name == b"origin":
            head.origin = value.decode("latin-1")
        elif name == b"x-api-key" and head.api_key is None:
            head.api_key = value.decode("latin-1")
    head.credential = credential(head.authorization, head.api_key)
    head.digest = hash_token(head.credential) if head.credential else None
    return head


def _joined(before: str | None, value: bytes) -> str:
    text = value.decode("latin-1")
    return text if before is None else f"{before},{text}"
