"""Look-up tables over the newest admitted Snapshot. Never edited: a new list is a new Catalogue."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import msgspec

from llmanac.catalogue.ids import ModelId, Serial
from llmanac.catalogue.model import Model
from llmanac.catalogue.snapshot import Snapshot


class Origin(StrEnum):
    """How the snapshot came to us."""

    FETCHED = "fetched"
    BUNDLED = "bundled"
    IMPORT = "import"


class Catalogue(msgspec.Struct, frozen=True):
    """The list that is served, with its Serial (0 for the bundle)."""

    serial: Serial
    origin: Origin
    snapshot: Snapshot
    by_id: Mapping[ModelId, Model]
    text: tuple[Model, ...]
    """Models with text output, in upstream's order."""
    image: tuple[Model, ...]
    """Models with image output, in upstream's order; those with both are in both."""
    warning: str | None
    """Why it was admitted although the guard objected; mostly None."""

    @property
    def changed_at(self) -> datetime:
        """When the list was taken that first held this content."""
        return self.snapshot.taken_at


def make_catalogue(snapshot: Snapshot, *, serial: Serial, origin: Origin, warning: str | None = None) -> Catalogue:
    """The look-up tables of a snapshot; O(models)."""
    return Catalogue(
        serial=serial,
        origin=origin,
        snapshot=snapshot,
        by_id=MappingProxyType({model.id: model for model in snapshot.models}),
        text=tuple(model for model in snapshot.models if model.gives_text),
        image=tuple(model for model in snapshot.models if model.gives_images),
        warning=warning,
    )
