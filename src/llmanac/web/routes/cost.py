"""`POST /api/ai/cost`: what a workload costs at models that are named or that a filter chooses."""

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from llmanac.answers.cost_request import Costing
from llmanac.answers.quote_cost import HINT, quote_cost, read_cost
from llmanac.web.app_context import AppContext
from llmanac.web.openapi.cost import DESCRIBED
from llmanac.web.protocol.representations import OF_CACHES, fields_of_list
from llmanac.web.routes.request import READS, context_of, read_body
from llmanac.web.routes.responses import answer

router = APIRouter()

COST_PATH = "/api/ai/cost"


@router.post(COST_PATH, summary="What a workload costs", dependencies=[READS], **DESCRIBED)
async def cost(request: Request) -> Response:
    """Exact, line by line, with what is not known and what was assumed. Nothing is rounded but months and break-evens.

    Ids that cannot be priced are in `rejected`; the others are priced all the same.
    """
    context = context_of(request)
    costing = read_cost(bytes(await read_body(request, msgspec.Raw, hint=HINT)))
    return await run_in_threadpool(_answered, context, costing)


def _answered(context: AppContext, costing: Costing) -> Response:
    list_ref = context.lists.find(costing.at)
    fields = fields_of_list(list_ref, context.clock().timestamp())
    # What was asked by a body is kept by no cache.
    headers = {name.decode(): value.decode() for name, value in fields if name not in OF_CACHES}
    return answer(quote_cost(context, list_ref, costing), headers=headers)
