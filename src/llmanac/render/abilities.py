"""What a record says beyond the members of a Model, and what its parameters say that the model can do."""

from datetime import UTC, datetime

import msgspec

from llmanac.catalogue.model import Model
from llmanac.catalogue.record import members


def listed_parameters(model: Model) -> frozenset[str] | None:
    """The parameters it takes; None when upstream lists none at all, as before May 2025: then nothing is known."""
    if not model.supported_parameters and members(model.record).get("supported_parameters", b"null") == b"null":
        return None
    return frozenset(model.supported_parameters)


def created_at(model: Model) -> datetime | None:
    """When upstream first listed it; None when that is not stated, or no instant that exists."""
    try:
        return None if model.created is None else datetime.fromtimestamp(model.created, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def stated_text(record: bytes, name: str) -> str | None:
    """A text member of the record; None when it is not there, no text, or empty."""
    raw = members(record).get(name, b"null")
    return (msgspec.json.decode(raw, type=str) or None) if raw[:1] == b'"' else None
