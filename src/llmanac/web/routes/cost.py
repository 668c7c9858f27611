"""`POST /api/ai/cost`: what a workload costs at models that are named or that a filter chooses."""

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from llmanac.answers.cost_body import read_body_of_cost
from llmanac.answers.cost_request import Costing, read_costing
from llmanac.answers.quote_cost import quote_cost
from llmanac.errors import InvalidBody
from llmanac.web.app_context import AppContext
from llmanac.web.openapi.cost import DESCRIBED
from llmanac.web.protocol.representations import OF_CACHES, fields_of_list
from llmanac.web.routes.request import READS, context_of, read_body
from llmanac.web.routes.responses import answer

router = APIRouter()

COST_PATH = "/api/ai/cost"
_HINT = "docs/guides/cost.md and /schema show what this route reads."


@router.post(COST_PATH, summary="What a workload costs", dependencies=[READS], **DESCRIBED)
async def cost(request: Request) -> Response:
    """Exact, line by line, with what is not known and what was assumed. Nothing is rounded but months and break-evens.

    Ids that cannot be priced are in `rejected`; the others are priced all the same.
    """
    context = context_of(request)
    costing = _read(bytes(await read_body(request, msgspec.Raw, hint=_HINT)))
    return await run_in_threadpool(_answered, context, costing)


def _answered(context: AppContext, costing: Costing) -> Response:
    list_ref = context.lists.find(costing.at)
    fields = fields_of_list(list_ref, context.clock().timestamp())
    # What was asked by a body is kept by no cache.
    headers = {name.decode(): value.decode() for name, value in fields if name not in OF_CACHES}
    return answer(quote_cost(context, list_ref, costing), headers=headers)


def _read(body: bytes) -> Costing:
    """What a body means.

    Raises:
        InvalidBody, InvalidParameter: It says where, what was seen and what is allowed.
    """
    try:
        return read_costing(read_body_of_cost(body))
    except InvalidBody as problem:
        problem.hint = problem.hint or _HINT
        raise
