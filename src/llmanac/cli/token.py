"""`llmanac token`: make, list and revoke credentials."""

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

import msgspec
import typer

from llmanac.access.token import MAX_NAME_CHARACTERS, AccessScope, mint
from llmanac.cli.answers import read_answer
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json_text, write_rows
from llmanac.clock import now
from llmanac.errors import InvalidParameter, NotFound

app = typer.Typer(help="Make, list and revoke tokens.", no_args_is_help=True)
_COLUMNS = ("id", "name", "hint", "scopes", "created_at", "expires_at", "revoked_at", "last_used_on")


_INSTANTS = ("created_at", "expires_at", "revoked_at")
_MAY_GO = ("hint", "last_used_on", "created_at", "revoked_at", "expires_at")


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="A name to know it by.")],
    scope: Annotated[
        list[AccessScope] | None, typer.Option("--scope", help="What it may do; may be given twice. [models:read]")
    ] = None,
    expires_in_days: Annotated[
        int | None, typer.Option(min=1, max=36500, help="When it ends; never, if not given.")
    ] = None,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Make a token and print it, once, on stdout."""
    if not name.strip() or len(name) > MAX_NAME_CHARACTERS:
        raise InvalidParameter(f"NAME: Expected 1 to {MAX_NAME_CHARACTERS} characters, got {name[:40]!r}")
    scopes = tuple(scope or (AccessScope.READ,))
    ends = None if expires_in_days is None else now() + timedelta(days=expires_in_days)
    if server:
        body = {"name": name, "scopes": scopes, "expires_at": ends}
        plain = read_answer(_post(server, token, msgspec.json.encode(body)), _Made).token
    else:
        plain = _mint_here(name, scopes, ends)
    say(f"A token for {name!r}, shown this once:")
    typer.echo(plain)


@app.command("list")
def list_tokens(output: FormatOption = Format.TABLE, server: ServerOption = None, token: TokenOption = None) -> None:
    """List all tokens, revoked and expired ones too. The tokens themselves are not kept."""
    body = _get(server, token) if server else _list_here()
    listed = read_answer(body, _Listed)
    if output is Format.JSON:
        write_json_text(body)
        return
    rows = listed.tokens if output is Format.CSV else [*map(_for_eyes, listed.tokens)]
    write_rows(rows, _COLUMNS, output, ids=("id",), may_go=_MAY_GO)


@app.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(help="`tok_…`, as `llmanac token list` says.")],
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Revoke a token; running servers refuse it within two seconds."""
    if server:
        from llmanac.client import Client  # noqa: PLC0415  slow

        with Client(server, token) as client:
            client.delete(f"/api/ai/tokens/{quote(token_id, safe='')}")
    else:
        _revoke_here(token_id)
    say(f"Revoked {token_id}.")


class _Made(msgspec.Struct):
    token: str


class _Listed(msgspec.Struct):
    tokens: list[dict[str, object]]


def _for_eyes(token: dict[str, object]) -> dict[str, object]:
    """With instants to the minute."""
    instants = {name: value for name in _INSTANTS if isinstance(value := token.get(name), str)}
    return token | {name: f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}" for name, value in instants.items()}


def _post(server: str, token: str | None, body: bytes) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.post("/api/ai/tokens", body)


def _get(server: str, token: str | None) -> bytes:
    from llmanac.client import Client  # noqa: PLC0415  slow

    with Client(server, token) as client:
        return client.get("/api/ai/tokens")


def _mint_here(name: str, scopes: tuple[AccessScope, ...], ends: datetime | None) -> str:

    from llmanac.cli.local import local_store  # noqa: PLC0415  slow

    minted = mint(name, scopes, created_at=now(), expires_at=ends)
    with local_store() as (_, store):
        store.add_token(minted.row)
    return minted.plain


def _list_here() -> bytes:
    from llmanac.answers.token_list import TokenList, see_token  # noqa: PLC0415  slow
    from llmanac.cli.local import local_store  # noqa: PLC0415  slow

    with local_store() as (_, store):
        return msgspec.json.encode(TokenList(tuple(see_token(row) for row in store.tokens())))


def _revoke_here(token_id: str) -> None:
    from llmanac.cli.local import local_store  # noqa: PLC0415  slow

    with local_store() as (_, store):
        if not store.revoke_token(token_id, now()):
            raise NotFound(f"There is no token {token_id!r}", hint="`llmanac token list` lists them.")
