"""`POST /api/ai/cost`: what a workload costs at models that are named or that a filter chooses."""

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from llmanac.answers.cost_request import Costing
from llmanac.answers.quote_cost import HINT, make_cost, read_cost
from llmanac.web.app_context import Parts
from llmanac.web.openapi.cost import DESCRIBED
from llmanac.web.protocol.representations import OF_CACHES, fields_of
from llmanac.web.routes.request import READS, parts_of, read_body
from llmanac.web.routes.responses import answer

router = APIRouter()

COST_PATH = "/api/ai/cost"


@router.post(COST_PATH, summary="What a workload costs", dependencies=[READS], **DESCRIBED)
async def cost(request: Request) -> Response:
    """Exact, line by line, with what is not known and what was assumed. Nothing is rounded but months and break-evens.

    Ids that cannot be priced are in `rejected`; the others are priced all the same.
    """
    parts = parts_of(request)
    asked = read_cost(bytes(await read_body(request, msgspec.Raw, hint=HINT)))
    return await run_in_threadpool(_answered, parts, asked)


def _answered(parts: Parts, asked: Costing) -> Response:
    then = parts.past.find(asked.at)
    fields = fields_of(then, parts.clock().timestamp())
    # What was asked by a body is kept by no cache.
    headers = {name.decode(): value.decode() for name, value in fields if name not in OF_CACHES}
    return answer(make_cost(parts, then, asked), headers=headers)
