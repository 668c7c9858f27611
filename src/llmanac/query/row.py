"""One model of a list that can be searched, and how it stands."""

import msgspec

from llmanac.catalogue.model import Model

REMOVED = "removed"
"""The status of what is no longer listed."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """A model, and `active`, `expiring` or `removed`."""

    model: Model
    status: str


def listed_row(model: Model) -> Row:
    """The row of a model that is listed; it says whether it is announced to leave."""
    return Row(model, model.status.value)
