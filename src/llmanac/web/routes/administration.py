"""`/api/ai/sync` and `/api/ai/quarantine`: what an administrator does about the list."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import BeforeValidator

from llmanac.access.token import AccessScope
from llmanac.answers.server_status import AttemptSeen
from llmanac.answers.sync_outcome import SyncDone, see_sync
from llmanac.errors import Conflict, NotFound
from llmanac.store.rows import QuarantineEntry
from llmanac.sync.run import SyncReport
from llmanac.web.app_context import AppContext
from llmanac.web.openapi.describe import STORED, described
from llmanac.web.routes.request import ADMINISTERS, Context
from llmanac.web.routes.responses import answer, nothing

router = APIRouter(dependencies=[ADMINISTERS])
_EXCERPT_BYTES = 500
_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")


def _digits(sent: str) -> str:
    """One spelling for each entry: `1_0`, `+1` and `1.0` are integers to the framework too."""
    if not (sent.isascii() and sent.isdigit()) or sent[0] == "0":
        raise ValueError("Expected a whole number of 1 or more")
    return sent


EntryId = Annotated[int, BeforeValidator(_digits), Path(ge=1, le=2**31 - 1, description="As the list of them says.")]


class QuarantinedList(msgspec.Struct, frozen=True):
    """A list that was not admitted. `admissible`: it is a list of models, so an administrator may admit it."""

    id: int
    reason: str
    detail: str
    admissible: bool
    model_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    repeats: Annotated[int, msgspec.Meta(description="Consecutive syncs; 0 once upstream said something else.")]


class QuarantinedPage(msgspec.Struct, frozen=True):
    """One answer of upstream's: where it came from, its size, and how it begins."""

    url: str
    bytes: int
    begins: str


class QuarantineList(msgspec.Struct, frozen=True):
    """Newest first."""

    quarantine: tuple[QuarantinedList, ...]


class QuarantineDetail(msgspec.Struct, frozen=True):
    """One entry, with what upstream sent."""

    entry: QuarantinedList
    pages: tuple[QuarantinedPage, ...]


_ENTRY = QuarantinedList(
    7,
    "shrunk",
    "Expected at least 1/2 of the 688 models of the last good list, got 211",
    admissible=True,
    model_count=211,
    first_seen_at=_EXAMPLE_AT,
    last_seen_at=_EXAMPLE_AT,
    repeats=2,
)
_DONE = SyncDone(AttemptSeen(_EXAMPLE_AT, "changed", None, None), 42, 17, 0, None, None)


@router.post(
    "/api/ai/sync",
    summary="Sync now",
    **described(
        SyncDone,
        _DONE,
        says="The sync is over; `attempt` says how",
        refusals=(*STORED, Conflict),
        scope=AccessScope.ADMIN,
    ),
)
def sync_now(context: Context) -> Response:
    """Ask upstream now, and answer when it is done. An upstream in trouble is no error here: `outcome` says so."""
    return answer(_done(context, context.worker.sync_now()))


@router.get(
    "/api/ai/quarantine",
    summary="Lists kept aside",
    **described(QuarantineList, QuarantineList((_ENTRY,)), refusals=STORED, scope=AccessScope.ADMIN),
)
def quarantine(context: Context) -> Response:
    """Every list that the guard did not admit, newest first."""
    entries = context.store.quarantine(context.current.held.state.id)
    return answer(QuarantineList(tuple(_shown(entry) for entry in entries)))


@router.get(
    "/api/ai/quarantine/{entry_id}",
    summary="One list kept aside",
    **described(
        QuarantineDetail,
        QuarantineDetail(_ENTRY, (QuarantinedPage("https://openrouter.ai/api/v1/models", 612345, '{"data":['),)),
        refusals=(*STORED, NotFound),
        scope=AccessScope.ADMIN,
    ),
)
def quarantined(context: Context, entry_id: EntryId) -> Response:
    """Why it was kept aside, and how what upstream sent begins."""
    kept = context.store.quarantined(context.current.held.state.id, entry_id)
    if kept is None:
        raise NotFound(f"There is no quarantined list {entry_id}", hint="GET /api/ai/quarantine lists them.")
    pages = tuple(
        QuarantinedPage(page.url, len(page.body), page.body[:_EXCERPT_BYTES].decode("utf-8", "replace"))
        for page in kept.pages
    )
    return answer(QuarantineDetail(_shown(kept.entry), pages))


@router.post(
    "/api/ai/quarantine/{entry_id}",
    summary="Admit a list after all",
    **described(
        SyncDone, _DONE, says="It is served now", refusals=(*STORED, NotFound, Conflict), scope=AccessScope.ADMIN
    ),
)
def admit(context: Context, entry_id: EntryId) -> Response:
    """Serve a list that the guard kept aside. What is no list of models cannot be admitted (409)."""
    return answer(_done(context, context.worker.admit_quarantined(entry_id)))


@router.delete(
    "/api/ai/quarantine/{entry_id}",
    summary="Drop a list kept aside",
    status_code=204,
    response_class=Response,
    **described(None, status=204, says="It is gone", refusals=(*STORED, NotFound), scope=AccessScope.ADMIN),
)
def drop(context: Context, entry_id: EntryId) -> Response:
    """Forget it. Upstream starts anew if it sends such a list again."""
    context.worker.drop_quarantined(entry_id)
    return nothing()


def _shown(entry: QuarantineEntry) -> QuarantinedList:
    return QuarantinedList(**{name: getattr(entry, name) for name in QuarantinedList.__struct_fields__})


def _done(context: AppContext, report: SyncReport) -> SyncDone:
    return see_sync(context.current.held.catalogue, report)
