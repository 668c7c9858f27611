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


class ListScope(StrEnum):
    """What a list was asked for: it decides which lists can be compared."""

    ALL = "all"
    """Models of every modality (`output_modalities=all`)."""
    TEXT = "text"
    """Upstream's default: only models with text output."""
    ACCOUNT = "account"
    """`all`, narrowed to what the key's account may use."""

    @property
    def breadth(self) -> int:
        """A list of lesser breadth says nothing about models that a broader one holds."""
        return 0 if self is ListScope.TEXT else 1


class Comparison(StrEnum):
    """What a list could be compared with when it was woven in."""

    FIRST = "first"
    """With nothing: no list of the series was before it."""
    SAME = "same"
    """With the latest earlier one of its own scope."""
    SEAM = "seam"
    """With a narrower one, as the first of a broader scope: what differs may only be the other question."""
    SILENT = "silent"
    """Not at all: it is narrower than a list already known, so what it lacks says nothing."""


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
