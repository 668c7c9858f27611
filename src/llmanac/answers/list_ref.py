"""A list that can be shown, and the refusal where there is none."""

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime

import msgspec

from llmanac.catalogue.catalogue import Catalogue
from llmanac.catalogue.ids import Serial
from llmanac.errors import NotFound, Unavailable
from llmanac.store.past import Extent
from llmanac.sync.current import Source

_NEVER_YET_SECONDS = 5


class ListRef(msgspec.Struct, frozen=True):
    """A list that can be shown, and how it stands.

    `agreed_at`: when upstream was last seen to agree with it. `settled`: no later fetch can make another answer of it.
    `removed_by`: the instant as of which the list is asked for and models are removed; None is now.
    """

    serial: Serial
    source: Source
    changed_at: datetime
    agreed_at: datetime
    settled: bool = False
    snapshot_id: int | None = None
    """The list in the store; None: it is in `catalogue`."""
    catalogue: Catalogue | None = None
    removed_by: datetime | None = None

    @property
    def which(self) -> Hashable:
        """What names the list in one state of its series; of two instants with the same list it is the same."""
        return self.snapshot_id or (self.serial, self.changed_at)

    def ages_from(self, now: datetime) -> datetime:
        """What ages are counted from: of an earlier list its instant, else the present to the minute."""
        return self.removed_by or to_the_minute(now)


class NoSuchList(NotFound):
    """There is no list of a moment. `extent`: how far the lists reach that there are."""

    code = "NO_LIST_THEN"

    def __init__(self, message: str, extent: Extent | None, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.extent = extent

    @property
    def members(self) -> Mapping[str, object]:
        """When the first was had and the newest, and their Serials; all None while there is none."""
        known = self.extent
        return {
            "first": known and known.first_at,
            "newest": known and known.newest_at,
            "first_serial": known and known.first_serial,
            "newest_serial": known and known.newest_serial,
        }


def no_list_yet() -> Unavailable:
    """The refusal while there is nothing to show."""
    return Unavailable(
        "No list has been had yet: not from upstream, not from the store, not from the bundle",
        hint="Ask /readyz until it is ready.",
        retry_after_seconds=_NEVER_YET_SECONDS,
    )


def no_such_list(at: datetime | Serial | None, extent: Extent | None) -> NoSuchList:
    """The refusal of a moment that has no list."""
    if extent is None or at is None:
        return NoSuchList("No list has been saved yet, so there is none to look back at", extent)
    if isinstance(at, datetime):
        first = exact(extent.first_at)
        words = f"There is no list of {exact(at)}: the first is of {first}"
        return NoSuchList(words, extent, hint=f"Ask with as_of={first} or later.")
    have = f"{extent.first_serial} to {extent.newest_serial}"
    words = f"There is no list with Serial {at}; the Serials of this list are {have}"
    return NoSuchList(words, extent, hint=f"Ask with a Serial of {have}, or with an instant.")


def to_the_minute(now: datetime) -> datetime:
    """The present as ages are counted from it, so that an answer is good for a minute."""
    return now.replace(second=0, microsecond=0)


def exact(instant: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond where there are any: sent back it is the same instant."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
