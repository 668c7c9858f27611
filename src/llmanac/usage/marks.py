"""What tells that two lines tell of the same call: an id, and what an id alone does not tell apart."""

import msgspec

from llmanac.usage.wire import Line

_NO_ID = (b"null", b'""')


def mark_of(known: str, name: str, us: int | None, prompt: int | None, input_tokens: int | None = None) -> int:
    """Equal for the same call, within this process.

    Args:
        known: What the answer is called, or else the request.
        us: When it was made; None where only the line around it tells, since each of several has a time of its own.
        prompt: Tokens, as `prompt_tokens`.
        input_tokens: As Anthropic counts them.
    """
    return hash((known, name, us, prompt, input_tokens))


def id_of(line: Line) -> str:
    """What the answer is called; else what the provider or a coding agent calls the request; empty: nobody says."""
    stated = (line.id, line.agents_request_id, line.request_id)
    return next((_text(known) for raw in stated if (known := bytes(raw)) not in _NO_ID), "")


def _text(raw: bytes) -> str:
    if raw[:1] == b'"' and b"\\" in raw:
        return msgspec.json.decode(raw, type=str)
    return raw.strip(b'"').decode("utf-8", "replace")
