"""How a sync ended."""

import msgspec

from llmanac.answers.server_status import AttemptSeen, see_attempt
from llmanac.catalogue.catalogue import Catalogue
from llmanac.sync.run import SyncReport


class SyncDone(msgspec.Struct, frozen=True):
    """How a sync ended. `serial` is the one that is served now."""

    attempt: AttemptSeen
    serial: int
    changes: int
    rejects: int
    warning: str | None
    quarantine_id: int | None


def see_sync(served: Catalogue | None, report: SyncReport) -> SyncDone:
    """A sync as it is shown."""
    return SyncDone(
        see_attempt(report.attempt),
        served.serial if served else 0,
        report.changes,
        report.rejects,
        report.warning,
        report.quarantine_id,
    )
