"""`GET /api/ai/status`: what is served, where it comes from, how the syncs went."""

from datetime import datetime

from fastapi import APIRouter, Response

from llmanac.answers.server_status import (
    AttemptSeen,
    Counts,
    QuarantineCount,
    SourceStatus,
    Status,
    StoreStatus,
    server_status,
)
from llmanac.web.openapi.describe import described
from llmanac.web.routes.request import READS, Context
from llmanac.web.routes.responses import answer

router = APIRouter()


_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")
_EXAMPLE = Status(
    version="0.1.0",
    started_at=_EXAMPLE_AT,
    offline=False,
    serial=42,
    source="live",
    counts=Counts(472, 63, 688),
    rejects=0,
    age_seconds=17,
    store=StoreStatus("sqlite:////var/lib/llmanac/llmanac.db", None),
    sources=(
        SourceStatus(
            provider="openrouter",
            configured=True,
            key="set",
            base_url="https://openrouter.ai/api/v1",
            scope="all",
            serial=42,
            source="live",
            counts=Counts(472, 63, 688),
            rejects=0,
            first_rejects=(),
            warning=None,
            taken_at=_EXAMPLE_AT,
            agreed_at=_EXAMPLE_AT,
            age_seconds=17,
            last_attempt=AttemptSeen(_EXAMPLE_AT, "unchanged", None, None),
            next_attempt_at=_EXAMPLE_AT,
            failures=0,
            quarantine=QuarantineCount(0, None, None, 0),
        ),
    ),
)


@router.get("/api/ai/status", summary="How the list stands", dependencies=[READS], **described(Status, _EXAMPLE))
def status(context: Context) -> Response:
    """Serial, source, counts, age, the last attempt and its outcome, the next one, quarantine and rejects."""
    return answer(server_status(context, context.worker.store_problem))
