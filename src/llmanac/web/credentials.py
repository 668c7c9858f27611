"""The credential of a request: `Authorization: Bearer`, else `X-API-Key`. Never from the query."""

_BEARER = "bearer "


def credential(authorization: str | None, api_key: str | None) -> str | None:
    """The token as it was sent, or None. Another scheme than Bearer counts as none: a proxy may have put it there."""
    if authorization is not None and authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :].strip()
    return api_key.strip() if api_key is not None else None
