"""What OpenAPI tells of the catalogue's endpoint, which no route of the framework answers."""

import msgspec

from llmanac.access.token import AccessScope
from llmanac.errors import NotAcceptable, NotFound, Unavailable
from llmanac.query.fields import LISTING_FIELDS
from llmanac.render.listing import (
    Conclusions,
    FullArchitecture,
    FullGroup,
    FullListing,
    FullModel,
    FullPricing,
    FullTopProvider,
    ListedArchitecture,
    ListedGroup,
    ListedModel,
    ListedPricing,
    ListedTopProvider,
    Listing,
    PickedGroup,
    PickedListing,
)
from llmanac.web.openapi.describe import COMPONENTS, GUARDED, content_of, described, security
from llmanac.web.openapi.parameters import as_parameters
from llmanac.web.protocol.problems import NoList
from llmanac.web.protocol.representations import FULL_JSON, JSON, PICKED_JSON

EXAMPLE = ListedModel(
    id="acme/owl-2",
    name="Acme: Owl 2",
    created=1792713600,
    description="An invented model.",
    architecture=ListedArchitecture(("text", "image"), ("text",), "Other"),
    topProvider=ListedTopProvider(is_moderated=False, context_length=262144, max_completion_tokens=65536),
    pricing=ListedPricing(prompt="0.000002", completion="0.00001", web_search="0.01", input_cache_read="0.0000002"),
    context_length=262144,
    max_completion_tokens=65536,
    per_request_limits=msgspec.Raw(b"{}"),
    supported_parameters=("max_tokens", "tools"),
)
FULL_EXAMPLE = FullModel(
    id="acme/owl-2",
    name="Acme: Owl 2",
    created=1792713600,
    description="An invented model.",
    architecture=FullArchitecture(("text", "image"), ("text",), "Other", None),
    topProvider=FullTopProvider(is_moderated=False, context_length=262144, max_completion_tokens=65536),
    pricing=FullPricing("0.000002", "0.00001", None, None, "0.01", None, "0.0000002", None),
    context_length=262144,
    max_completion_tokens=65536,
    per_request_limits=msgspec.Raw(b"{}"),
    supported_parameters=("max_tokens", "tools"),
    llmanac=Conclusions("acme", variant=None, alias=False, price_state="known", status="active"),
)
_EXAMPLE = Listing(
    text=(ListedGroup("openrouter", configured=True, models=(EXAMPLE,)),),
    image=(ListedGroup("openrouter", configured=True, models=()),),
)
_FULL_EXAMPLE = FullListing(
    text=(FullGroup("openrouter", configured=True, models=(FULL_EXAMPLE,)),),
    image=(FullGroup("openrouter", configured=True, models=()),),
)
_PICKED = msgspec.Raw(b'{"id":"acme/owl-2","pricing":{"prompt":"0.000002"}}')
_PICKED_EXAMPLE = PickedListing(
    text=(PickedGroup("openrouter", configured=True, models=(_PICKED,)),),
    image=(PickedGroup("openrouter", configured=True, models=()),),
)

_ANSWER_HEADERS = {
    "ETag": "Strong; one for each content coding. Send it back as If-None-Match.",
    "Last-Modified": "When the list was taken that first held this content. Not evaluated in requests: use the ETag.",
    "Cache-Control": "`private, no-cache`, or `private, immutable` with an `as_of` that no later fetch can change.",
    "Vary": "Always `Authorization, Accept-Encoding`; `Origin` too with `LLMANAC_CORS_ORIGINS`.",
    "X-Catalogue-Serial": "Number of the list that is shown; 0 is the bundle.",
    "X-Catalogue-Source": "`live`, `store`, `bundled` or `import`; never `live` with `as_of`.",
    "X-Catalogue-Age": "Seconds since upstream was last seen to agree with this list. Not part of the ETag.",
    "X-Total-Count": "How many models the question finds, on all pages together. Not with `view` and `as_of` alone.",
    "Link": 'With `limit`, `offset` or `cursor`: `rel="first"` and, unless this is the last page, `rel="next"`, both '
    "in this very list. Relative to the address that was asked (RFC 8288).",
}


def listing_path() -> dict[str, object]:
    """The path's item, GET only."""
    parameters = as_parameters(LISTING_FIELDS)
    for name, says in (
        ("If-None-Match", "Entity tags the caller has; 304 when the list is one of them."),
        ("Accept-Encoding", "br, zstd, gzip and identity are offered, by quality values."),
    ):
        schema = {"type": "string"}
        parameters.append({"name": name, "in": "header", "required": False, "description": says, "schema": schema})
    operation: dict[str, object] = {
        "summary": "Every text and image model",
        "description": "Answers from memory, whatever upstream does. A member that upstream does not state is left "
        "out, never null; with `view=full` every member is there, null where not stated. The media type's parameter "
        "`view` says which shape an answer has: none, `full`, or `picked` with `fields`. With `as_of` just what this "
        "answered then: the same models, members and order. Filters narrow both lists alike; `limit` and `offset` "
        "count models, one with both outputs once.",
        "operationId": "models",
        "parameters": parameters,
        "security": security(AccessScope.READ),
    }
    refusals = (*GUARDED, NotFound, NotAcceptable, Unavailable)
    responses = described(None, says="The list", refusals=refusals)["responses"]
    responses[200]["content"] = {
        JSON.decode(): content_of(Listing, _EXAMPLE),
        FULL_JSON.decode(): content_of(FullListing, _FULL_EXAMPLE),
        PICKED_JSON.decode(): content_of(PickedListing, _PICKED_EXAMPLE),
    }
    no_list = {"application/problem+json": {"schema": {"$ref": COMPONENTS + NoList.__name__}}}
    responses[404] = {"description": "No list is known of that instant or Serial", "content": no_list}
    headers = {name: {"description": says, "schema": {"type": "string"}} for name, says in _ANSWER_HEADERS.items()}
    responses[200]["headers"] = headers
    responses[304] = {"description": "The caller has it already", "headers": headers}
    operation["responses"] = {str(status): response for status, response in sorted(responses.items())}
    return {"get": operation}
