"""`GET /api/ai/changes`: what became of the models, newest first, or from a moment on."""

from datetime import date, datetime

import msgspec
from fastapi import APIRouter, Request, Response

from llmanac.answers.list_changes import list_changes
from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.history.certainty import Certainty
from llmanac.query.fields import CHANGES_FIELDS
from llmanac.render.changes import ChangePage, ShownChange
from llmanac.web.openapi.describe import STORED, described
from llmanac.web.openapi.parameters import with_parameters
from llmanac.web.routes.request import READS, Context, Params
from llmanac.web.routes.responses import conditional_answer
from llmanac.web.routes.table import CHANGES_PATH

router = APIRouter()

_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")
_EXAMPLE_BEFORE = datetime.fromisoformat("2026-10-26T03:00:00+00:00")
_EXAMPLE = ChangePage(
    serial=42,
    changes=(
        ShownChange(
            serial=42,
            model="acme/owl-2",
            name="Acme: Owl 2",
            kind=ChangeKind.PRICE,
            field="pricing.prompt",
            before=msgspec.Raw(b'"0.000002"'),
            after=msgspec.Raw(b'"0.0000015"'),
            percent="-25.00",
            cause=Cause.REAL,
            own_cause=Cause.REAL,
            seen_at=_EXAMPLE_AT,
            since_at=_EXAMPLE_BEFORE,
            certainty=None,
            confirmed_at=None,
            announced=None,
        ),
        ShownChange(
            serial=42,
            model="acme/owl-1",
            name="Acme: Owl 1",
            kind=ChangeKind.REMOVED,
            field="",
            before=msgspec.Raw(b"null"),
            after=msgspec.Raw(b"null"),
            percent=None,
            cause=Cause.REAL,
            own_cause=Cause.REAL,
            seen_at=_EXAMPLE_AT,
            since_at=_EXAMPLE_BEFORE,
            certainty=Certainty.CONFIRMED,
            confirmed_at=_EXAMPLE_AT,
            announced=date(2026, 10, 26),
        ),
    ),
    next="W2ZhbHNlLCIyMDI2LTEwLTI2VDA0OjAwOjAwWiIsImFjbWUvb3dsLTEiLCIiXQ",
)


@router.get(
    CHANGES_PATH,
    summary="What changed",
    dependencies=[READS],
    **with_parameters(CHANGES_FIELDS, described(ChangePage, _EXAMPLE, says="One page of changes", refusals=STORED)),
)
def changes(request: Request, context: Context, params: Params) -> Response:
    """Field by field, with what each change is worth. By default the newest real ones; with `since` the oldest first.

    A page that is not the last has `next`: send it as `cursor`, with the other parameters as they were. A follower that
    has read the last page goes on with the `seen_at` of its last row as `since`. A model that is soon back turns its
    removal into a `flap`, so who follows removals asks for `cause=real,flap`.
    """
    return conditional_answer(request, msgspec.json.encode(list_changes(context, params)))
