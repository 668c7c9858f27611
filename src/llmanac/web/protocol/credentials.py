"""The credential of a request: `Authorization: Bearer`, else `X-API-Key`. Never from the query."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from llmanac.access.gate import Gate
from llmanac.errors import InvalidParameter
from llmanac.query.fields import Field, FieldKind
from llmanac.query.parse import MAX_PARAMETERS, parse_query

_BEARER = "bearer "


def credential(authorization: str | None, api_key: str | None) -> str | None:
    """The token as it was sent, or None. Another scheme than Bearer counts as none: a proxy may have put it there."""
    if authorization is not None and authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :].strip()
    return api_key.strip() if api_key is not None else None


def read_query(query: str, fields: Mapping[str, Field], gate: Gate) -> dict[str, str]:
    """As `parse_query`, without what is ignored. A token among the parameters is told as what it is, and not repeated.

    Raises:
        InvalidParameter: As `parse_query`.
    """
    try:
        values = parse_query(query, fields)
    except InvalidParameter:
        if _holds_credential(query, gate):
            raise _told() from None
        raise
    if any(gate.opens(value) for value in values.values() if value):
        raise _told()
    return {name: value for name, value in values.items() if fields[name].kind is not FieldKind.IGNORED}


def _told() -> InvalidParameter:
    return InvalidParameter(
        "A token was sent in the address, where logs and proxies keep it",
        hint="Send it as `Authorization: Bearer <token>`, and revoke this one.",
        code="AUTH_TOKEN_IN_QUERY",
    )


def _holds_credential(query: str, gate: Gate) -> bool:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="surrogateescape")
    except ValueError:
        return False
    return any(gate.opens(word) for pair in pairs for word in pair)
