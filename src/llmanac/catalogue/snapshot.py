"""All models of a source at one instant, and what came with them that was no model."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from llmanac.catalogue.model import Model


class Part(StrEnum):
    """Which of upstream's lists a page belongs to."""

    MODELS = "models"
    ACCOUNT = "account"


class RawPage(msgspec.Struct, frozen=True):
    """One answer of upstream, without content coding, byte for byte. `etag` is upstream's validator, if it gave one."""

    part: Part
    url: str
    body: bytes
    etag: str | None = None


class Reject(msgspec.Struct, frozen=True):
    """A row that is no model: where it stood, why, and the row itself."""

    position: int
    """Row of the list, from 0, counted over all pages."""
    path: str
    """JSON path of the offending value, such as `$.data[3].pricing.prompt`."""
    reason: str
    raw: bytes


class Snapshot(msgspec.Struct, frozen=True):
    """The models, in upstream's order and with distinct ids, and the rows that were rejected."""

    source: str
    taken_at: datetime
    models: tuple[Model, ...]
    rejects: tuple[Reject, ...]
    digest: str

    @property
    def rows(self) -> int:
        """How many rows upstream sent."""
        return len(self.models) + len(self.rejects)


def make_snapshot(
    source: str, taken_at: datetime, models: tuple[Model, ...], rejects: tuple[Reject, ...] = ()
) -> Snapshot:
    """A Snapshot with its digest, which depends on models, their order and rejects, and not on the time."""
    digest = sha256()
    for model in models:
        digest.update(model.digest)
    for reject in rejects:
        digest.update(b"\0reject\0%d\0" % reject.position + sha256(reject.raw).digest())
    return Snapshot(source, taken_at, models, rejects, digest.hexdigest())
