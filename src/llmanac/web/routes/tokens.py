"""`/api/ai/tokens`: making, listing and revoking credentials."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from llmanac.access.token import MAX_NAME_CHARACTERS, AccessScope, mint
from llmanac.answers.token_list import TokenList, TokenSeen, see_token
from llmanac.errors import InvalidBody, NotFound
from llmanac.web.openapi.describe import STORED, WITH_BODY, described
from llmanac.web.routes.request import ADMINISTERS, Context, context_of, read_body
from llmanac.web.routes.responses import answer, nothing

router = APIRouter(dependencies=[ADMINISTERS])
_HINT = f"Scopes are {' and '.join(AccessScope)}; instants carry an offset, such as 2027-01-31T00:00:00Z."
_EXAMPLE_AT = datetime.fromisoformat("2026-10-26T04:00:00+00:00")


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for: a name to know it by; scopes (`models:read` unless stated); an end, with its UTC offset."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
    scopes: Annotated[tuple[AccessScope, ...], msgspec.Meta(min_length=1, max_length=len(AccessScope))] = (
        AccessScope.READ,
    )
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class TokenMade(msgspec.Struct, frozen=True):
    """`token` is shown this once and never again."""

    token: str
    made: TokenSeen


_SEEN = TokenSeen("tok_0a1b2c3d4e", "model picker", "lmn_4fX9", ("models:read",), _EXAMPLE_AT, None, None, "2026-10-27")
_PLAIN = "lmn_EXAMPLEexampleEXAMPLEexample0123AAAAAA"  # shown in the documentation, good for nothing


@router.post(
    "/api/ai/tokens",
    summary="Make a token",
    status_code=201,
    **described(
        TokenMade,
        TokenMade(_PLAIN, _SEEN),
        status=201,
        says="Made; shown this once",
        refusals=WITH_BODY,
        scope=AccessScope.ADMIN,
        reads=NewToken,
        reads_example=NewToken("model picker"),
    ),
)
async def create(request: Request) -> Response:
    """Mint a token. Only its hash is kept, so note it down now."""
    context = context_of(request)
    asked = await read_body(request, NewToken, hint=_HINT)
    now = context.clock()
    expires_at = _in_utc(asked.expires_at)
    if asked.expires_at is not None and asked.expires_at <= now:
        raise InvalidBody(
            f"Expected an instant in the future, got {asked.expires_at.isoformat()} - at `$.expires_at`", hint=_HINT
        )
    if not asked.name.strip() or not asked.name.isprintable():
        raise InvalidBody("Expected a name of visible characters, got others - at `$.name`", hint=_HINT)
    minted = mint(asked.name, tuple(dict.fromkeys(asked.scopes)), created_at=now, expires_at=expires_at)
    await run_in_threadpool(context.store.add_token, minted.row)
    await run_in_threadpool(context.worker.follow)
    return answer(TokenMade(minted.plain, see_token(minted.row)), status=201)


def _in_utc(instant: datetime | None) -> datetime | None:
    try:
        return None if instant is None else instant.astimezone(UTC)
    except OverflowError:
        raise InvalidBody("Expected an instant before the year 10000 in UTC - at `$.expires_at`", hint=_HINT) from None


@router.get(
    "/api/ai/tokens",
    summary="List the tokens",
    **described(TokenList, TokenList((_SEEN,)), refusals=STORED, scope=AccessScope.ADMIN),
)
def every(context: Context) -> Response:
    """All tokens, without the tokens. LLMANAC_TOKEN is not among them: it is not stored."""
    return answer(TokenList(tuple(see_token(row) for row in context.store.tokens())))


@router.delete(
    "/api/ai/tokens/{token_id}",
    summary="Revoke a token",
    status_code=204,
    response_class=Response,
    **described(None, status=204, says="Revoked", refusals=(*STORED, NotFound), scope=AccessScope.ADMIN),
)
def revoke(
    context: Context,
    token_id: Annotated[str, Path(max_length=64, pattern=r"^[^\x00]*$", description="As the list says.")],
) -> Response:
    """Every worker refuses it within two seconds, this one at once. Revoking twice does no harm."""
    if not context.store.revoke_token(token_id, context.clock()):
        raise NotFound(f"There is no token {token_id[:64]!r}", hint="GET /api/ai/tokens lists them.")
    context.worker.follow()
    return nothing()
