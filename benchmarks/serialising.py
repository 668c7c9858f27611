"""The peer that many would write: a FastAPI route that serialises the same models, held by pydantic, per request.

It reads its models from the file named by BENCHMARK_LISTING (an answer of llmanac) and its token from BENCHMARK_TOKEN.
Its 304 is kinder to it than the usual middleware, which serialises and hashes the answer first: the tag is compared
before any work.
"""

# ruff: noqa: D101, D103 - written as such a route is; the names of the contract say everything

import hashlib
import os
import secrets
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel


class Architecture(BaseModel):
    input_modalities: list[str]
    output_modalities: list[str]
    tokenizer: str | None = None
    instruct_type: str | None = None


class TopProvider(BaseModel):
    is_moderated: bool | None = None
    context_length: int | None = None
    max_completion_tokens: int | None = None


class Pricing(BaseModel):
    prompt: str | None = None
    completion: str | None = None
    image: str | None = None
    request: str | None = None
    web_search: str | None = None
    internal_reasoning: str | None = None
    input_cache_read: str | None = None
    input_cache_write: str | None = None


class Model(BaseModel):
    id: str
    name: str | None = None
    created: int | None = None
    description: str
    architecture: Architecture
    topProvider: TopProvider  # noqa: N815 - the name in the contract
    pricing: Pricing
    context_length: int | None = None
    max_completion_tokens: int | None = None
    per_request_limits: dict[str, str | int | float | None]
    supported_parameters: list[str]


class Source(BaseModel):
    provider: str
    configured: bool
    models: list[Model]


class Listing(BaseModel):
    text: list[Source]
    image: list[Source]


BYTES = Path(os.environ["BENCHMARK_LISTING"]).read_bytes()
LISTING = Listing.model_validate_json(BYTES)
ETAG = f'"{hashlib.sha256(BYTES).hexdigest()[:16]}"'
TOKEN = os.environ["BENCHMARK_TOKEN"]

app = FastAPI()
app.add_middleware(GZipMiddleware)


def authorised(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    if not secrets.compare_digest(credentials.credentials.encode(), TOKEN.encode()):
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


@app.get(
    "/api/ai/models", response_model=Listing, response_model_exclude_unset=True, dependencies=[Depends(authorised)]
)
async def models(response: Response, if_none_match: Annotated[str | None, Header()] = None) -> Listing | Response:
    if if_none_match == ETAG:
        return Response(status_code=304, headers={"ETag": ETAG})
    response.headers["ETag"] = ETAG
    return LISTING
