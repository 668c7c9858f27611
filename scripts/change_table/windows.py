"""A change of cause `window`, made up: two lists of one tariff, with another window in force."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from llmanac.archive.fetch import ArchivedFetch
from llmanac.catalogue.snapshot import ListScope, Part, RawPage
from scripts.change_table.figures import Seen, figures
from scripts.change_table.filled import filled

WINDOWS = Path(__file__).resolve().parents[2] / "tests" / "data" / "2026-10-26-windows.json"

MODEL = "tencent/hy4-preview"
"""Of two windows that tile the day."""

_MORNING = datetime(2026, 10, 26, tzinfo=UTC)
_EVENING = datetime(2026, 10, 26, 17, tzinfo=UTC)

_Record = dict[str, msgspec.Raw]


class _List(msgspec.Struct):
    data: list[_Record]


def made_up() -> tuple[Seen, ...]:
    """What the file differs in from itself once the second window is in force."""
    body = WINDOWS.read_bytes()
    lists = [_fetch(_MORNING, body), _fetch(_EVENING, in_second_window(body))]
    with filled(lists, asked=ListScope.ALL) as found:
        return tuple(each for each in figures(found).seen if each.change.model == MODEL and each.before_at is not None)


def in_second_window(body: bytes) -> bytes:
    """The list with the second entry's prices of the one model as its base prices."""
    listed = msgspec.json.decode(body, type=_List)
    for record in listed.data:
        if msgspec.json.decode(record["id"], type=str) == MODEL:
            pricing = msgspec.json.decode(record["pricing"], type=_Record)
            second = msgspec.json.decode(pricing["overrides"], type=list[_Record])[1]
            pricing |= {name: value for name, value in second.items() if not name.startswith("utc_")}
            record["pricing"] = msgspec.Raw(msgspec.json.encode(pricing))
    return msgspec.json.encode(listed)


def _fetch(taken_at: datetime, body: bytes) -> ArchivedFetch:
    page = RawPage(Part.MODELS, "", body)
    return ArchivedFetch(
        series=None, scope=None, origin="import", taken_at=taken_at, pages=(page,), raw=True, warning=None
    )
