"""What OpenAPI tells of `POST /api/ai/cost`."""

from datetime import datetime

import msgspec

from llmanac.answers.cost_request import CostAsked
from llmanac.cost.workload import Workload
from llmanac.errors import NotFound
from llmanac.pricing.charge import Reason
from llmanac.render.cost import CostAnswer, Rejected, ShownLine, ShownMissing, ShownQuote
from llmanac.web.openapi.describe import WITH_BODY, described
from llmanac.web.openapi.parameters import ref
from llmanac.web.protocol.problems import MEDIA_TYPE, NoList

_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")
_EXAMPLE = CostAnswer(
    serial=42,
    as_of=_EXAMPLE_AT,
    taken_at=_EXAMPLE_AT,
    agreed_at=_EXAMPLE_AT,
    quotes=(
        ShownQuote(
            id="acme/owl-2",
            total="7.7",
            known_total="7.7",
            complete=True,
            missing=(),
            assumed=(),
            lines=(
                ShownLine("prompt", "token", "0.000002", msgspec.Raw(b"null"), "", "1300000", "2.6"),
                ShownLine("input_cache_read", "token", "0.0000002", msgspec.Raw(b"null"), "", "500000", "0.1"),
                ShownLine("completion", "token", "0.00001", msgspec.Raw(b"null"), "", "500000", "5"),
            ),
            difference=None,
            affordable=None,
            months=None,
            series=None,
        ),
        ShownQuote(
            id="acme/router",
            total=None,
            known_total="0",
            complete=False,
            missing=(ShownMissing("prompt", Reason.DYNAMIC, "`prompt` is decided per request"),),
            assumed=(),
            lines=(),
            difference=None,
            affordable=None,
            months=None,
            series=None,
        ),
    ),
    current=None,
    rejected=(Rejected("acme/owl", "There is no model 'acme/owl'. Did you mean acme/owl-2?", ("acme/owl-2",)),),
    break_even=None,
)
_EXAMPLE_ASKED = CostAsked(
    models=("acme/owl-2", "acme/router", "acme/owl"),
    workload=Workload(requests=1000, prompt_tokens=1800, cache_read_tokens=500, completion_tokens=500),
)


DESCRIBED = described(
    CostAnswer,
    _EXAMPLE,
    says="The quotes, cheapest first",
    refusals=(*WITH_BODY, NotFound),
    reads=CostAsked,
    reads_example=_EXAMPLE_ASKED,
)
DESCRIBED["responses"][404] |= {"content": {MEDIA_TYPE: {"schema": ref(NoList)[0]}}}
DESCRIBED["responses"][200]["headers"] = {
    name: {"description": says, "required": True, "schema": {"type": kind}}
    for name, kind, says in (
        ("Last-Modified", "string", "When the list was taken that first held what the prices are from."),
        ("X-Catalogue-Serial", "integer", "Number of the change set of the list; 0 is the bundle."),
        ("X-Catalogue-Source", "string", "`live`, `store`, `bundled` or `import`."),
        ("X-Catalogue-Age", "integer", "Seconds since upstream was last seen to agree with the list."),
    )
}
