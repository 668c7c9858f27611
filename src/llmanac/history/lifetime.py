"""Changes of one model → when it was listed. What the lists said: a flap leaves its gap here too."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from llmanac.catalogue.change import ChangeKind
from llmanac.history.label import Entry


class Period(msgspec.Struct, frozen=True):
    """Half-open: from the fetch that showed it first to the first that did not; `until` is None while it lasts."""

    since: datetime
    until: datetime | None


class Lifetime(msgspec.Struct, frozen=True):
    """When a model was listed, in time order and never empty; between two of them it was away."""

    listed: tuple[Period, ...]

    @property
    def first_seen_at(self) -> datetime:
        """The first fetch with the model."""
        return self.listed[0].since

    @property
    def missed_at(self) -> datetime | None:
        """The first fetch without it since it was last there, or None while it is listed."""
        return self.listed[-1].until

    @property
    def away(self) -> tuple[Period, ...]:
        """The gaps between its periods; a last absence that has not ended is none."""
        return tuple(Period(gone.until, back.since) for gone, back in pairwise(self.listed) if gone.until is not None)

    def last_seen_at(self, fetched_at: Sequence[datetime]) -> datetime:
        """The newest fetch with the model, out of the instants of its series (in time order, silent ones left out).

        The newest of all while it is listed. Only those around `missed_at` are needed.
        """
        end = len(fetched_at) if self.missed_at is None else bisect_left(fetched_at, self.missed_at)
        return fetched_at[end - 1] if end else self.first_seen_at


def lifetime(entries: Sequence[Entry]) -> Lifetime | None:
    """The periods of one model from its entries in time order, as `relabel` gives them; None if it was never added."""
    listed: list[Period] = []
    since: datetime | None = None
    for entry in entries:
        if entry.change.kind in {ChangeKind.ADDED, ChangeKind.RETURNED}:
            since = entry.seen_at
        elif entry.change.kind is ChangeKind.REMOVED and since is not None:
            listed.append(Period(since, entry.seen_at))
            since = None
    if since is not None:
        listed.append(Period(since, None))
    return Lifetime(tuple(listed)) if listed else None
