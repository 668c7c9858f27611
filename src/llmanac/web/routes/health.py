"""`/healthz` and `/readyz`, for those who keep the server running."""

import msgspec
from fastapi import APIRouter, Response

from llmanac.answers.list_ref import no_list_yet
from llmanac.errors import Unavailable
from llmanac.web.openapi.describe import OPEN, described
from llmanac.web.routes.request import Context
from llmanac.web.routes.responses import answer

router = APIRouter()


class Health(msgspec.Struct, frozen=True):
    """`ok`."""

    status: str


_OK = Health("ok")


@router.get(
    "/healthz",
    summary="Is the process alive",
    **described(Health, _OK, refusals=OPEN, scope=None),
)
async def healthz() -> Response:
    """The process answers. Says nothing of upstream or the store, which it can do without."""
    return answer(_OK)


@router.get(
    "/readyz",
    summary="Is there a list to serve",
    **described(Health, _OK, refusals=(*OPEN, Unavailable), scope=None),
)
async def readyz(context: Context) -> Response:
    """There is a list to serve: ready, whatever upstream does."""
    if context.current.held.catalogue is None:
        raise no_list_yet()
    return answer(_OK)
