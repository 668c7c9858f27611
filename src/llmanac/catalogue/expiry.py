"""When a model is announced to leave."""

from datetime import date
from enum import StrEnum

import msgspec

from llmanac.catalogue.record import members

SENTINEL_YEAR = 2090
"""From this year on a date means "no date": upstream sends 2098-12-31 and the like (observed 2026)."""


class ModelStatus(StrEnum):
    """Whether a listed model is announced to leave."""

    ACTIVE = "active"
    EXPIRING = "expiring"


def expires_on(record: bytes) -> date | None:
    """The announced last day of a record, or None: not stated, a sentinel, or no date at all."""
    stated = members(record).get("expiration_date", b"null")
    try:
        day = date.fromisoformat(msgspec.json.decode(stated, type=str)[:10])
    except (msgspec.DecodeError, ValueError):
        return None
    return day if day.year < SENTINEL_YEAR else None


def status_of(record: bytes) -> ModelStatus:
    """Expiring when a day is announced, else active."""
    return ModelStatus.ACTIVE if expires_on(record) is None else ModelStatus.EXPIRING
