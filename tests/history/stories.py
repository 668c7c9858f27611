"""Stories of one model: what consecutive lists said of it, and the rows that the store would keep of that.

told(listed(0, record()), absent(3), listed(5, record(name="Owl again")))
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import strategies as st

from llmanac.catalogue.change import Cause, Change, ChangeKind
from llmanac.catalogue.ids import ModelId
from llmanac.history.diff import differences
from llmanac.history.label import Entry, relabel
from tests.build import Json, Record, pricing, record

OWL = ModelId("acme/owl-2")
BEGUN_AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
FLAP = timedelta(days=10)


class Moment(msgspec.Struct, frozen=True):
    """One list: the model's record in it, or None; `seam` when it was asked for more broadly than the one before."""

    at: datetime
    record: bytes | None
    seam: bool = False


def listed(day: float, stated: Record, *, seam: bool = False) -> Moment:
    return Moment(day_of(day), json.dumps(stated).encode(), seam)


def absent(day: float, *, seam: bool = False) -> Moment:
    return Moment(day_of(day), None, seam)


def priced(day: float, *, seam: bool = False, **rates: Json) -> Moment:
    """The usual record with these prices; others as in `pricing`."""
    return listed(day, record(pricing=pricing(**rates)), seam=seam)


def day_of(day: float) -> datetime:
    return BEGUN_AT + timedelta(days=day)


def told(*moments: Moment) -> tuple[Entry, ...]:
    """The rows as the comparisons make them, one list with the one before; labels are the own causes."""
    before: bytes | None = None
    rows: list[Entry] = []
    for moment in moments:
        rows += between(before, moment)
        before = moment.record
    return tuple(rows)


def between(before: bytes | None, moment: Moment) -> tuple[Entry, ...]:
    """The rows of one comparison."""
    after = moment.record
    if before is None and after is None:
        return ()
    if before is None or after is None:
        kind = ChangeKind.REMOVED if after is None else ChangeKind.ADDED
        changes: tuple[Change, ...] = (Change(OWL, kind, "", _text(before), _text(after), Cause.REAL),)
    else:
        changes = differences(before, after, model=OWL)
    if moment.seam:
        changes = tuple(msgspec.structs.replace(change, cause=Cause.SCOPE) for change in changes)
    return tuple(Entry(moment.at, change, change.cause) for change in changes)


def labelled(*story: Moment, field: str = "pricing.prompt") -> list[str]:
    """The labels in force of one field's changes."""
    return [entry.label for entry in relabel(told(*story), FLAP) if entry.change.field == field]


def moments(max_size: int = 10) -> st.SearchStrategy[list[Moment]]:
    """Lists some hours to some weeks apart, the model in at least one of them, few prices so that they come back."""
    gaps = st.sampled_from((1, 5, 24, 24 * 4, 24 * 10, 24 * 10 + 1, 24 * 30))
    seams = st.sampled_from((False,) * 6 + (True,))
    lists = st.lists(st.tuples(gaps, st.none() | records() | records(), seams), min_size=1, max_size=max_size)
    return lists.map(_dated).filter(lambda story: any(moment.record for moment in story))


def records() -> st.SearchStrategy[Record]:
    """Records that differ in prices, in the members they have, and in what is no price."""
    return st.builds(
        lambda prompt, image, overrides, rest: record(
            pricing={
                "completion": "0.000002",
                **{name: value for name, value in (("prompt", prompt), ("image", image)) if value is not None},
                **({} if overrides is None else {"overrides": overrides}),
            },
            **rest,
        ),
        st.sampled_from((None, "0", "0.1", "0.2", "0.3", "0.10000000000000001", "-1")),
        st.sampled_from((None, None, None, "0.5")),
        st.sampled_from((None, None, None, *OVERRIDES)),
        st.sampled_from(
            ({}, {}, {"name": "Owl"}, {"expiration_date": "2026-07-01"}, {"reasoning": {"mandatory": True}})
        ),
    )


DAY_AND_NIGHT: Json = [
    {"utc_start": 0, "utc_end": 600, "prompt": "0.1"},
    {"utc_start": 600, "utc_end": 0, "prompt": "0.3"},
]
"""A quarter of the day at 0.1, the rest at 0.3; together the whole week."""

OVERRIDES: tuple[Json, ...] = (
    DAY_AND_NIGHT,
    [{"utc_days": ["saturday", "sunday"], "prompt": "0.2"}],
    [{"min_prompt_tokens": 200_000, "prompt": "0.4"}],
    [{"phase_of_moon": 3, "prompt": "0.5"}],
)


def _dated(lists: Iterable[tuple[int, Record | None, bool]]) -> list[Moment]:
    story: list[Moment] = []
    at = BEGUN_AT
    for hours, stated, seam in lists:
        at += timedelta(hours=hours)
        story.append(Moment(at, None if stated is None else json.dumps(stated).encode(), seam))
    return story


def _text(stated: bytes | None) -> str | None:
    return None if stated is None else stated.decode()
