"""Admit or quarantine: whether a fetched list may replace the last good one. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256

import msgspec

from llmanac.catalogue.money import PriceState
from llmanac.catalogue.snapshot import RawPage, Snapshot
from llmanac.store.quarantines import Objection
from llmanac.store.rows import QuarantineEntry
from llmanac.upstream.split import NotAList

_TENFOLD = Decimal(10)


class Reason(StrEnum):
    """Why a list of models is not admitted; what is no list has NotAListReason."""

    EMPTY = "empty"
    SHRUNK = "shrunk"
    REJECTED_ROWS = "rejected_rows"
    REPRICED = "repriced"


_ADMITTED_WHEN_REPEATED = frozenset({Reason.SHRUNK, Reason.REPRICED})


class GuardBounds(msgspec.Struct, frozen=True, kw_only=True):
    """What is too much at once. Shares are of one."""

    min_share: Fraction
    max_reject_share: Fraction
    max_repriced_share: Fraction
    repeats: int
    over: timedelta


class Repeated(msgspec.Struct, frozen=True):
    """What upstream said last time, which was quarantined."""

    entry: QuarantineEntry
    taken: Snapshot | NotAList


class Admit(msgspec.Struct, frozen=True):
    """The list replaces the last good one. `warning`: the guard objected, but upstream insists on `entry`."""

    warning: str | None = None
    entry: int | None = None


class Quarantine(msgspec.Struct, frozen=True):
    """The list is kept aside. `repeats`: the entry that upstream has sent again."""

    objection: Objection
    repeats: int | None


def judge(
    taken: Snapshot | NotAList,
    pages: Sequence[RawPage],
    *,
    last_good: Snapshot | None,
    repeated: Repeated | None,
    now: datetime,
    bounds: GuardBounds,
) -> Admit | Quarantine:
    """The verdict on a list; O(models).

    Args:
        taken: The list, or why it is none.
        pages: Its bytes, to recognise them by.
        last_good: The yardstick; None when this series has admitted nothing yet (the bundle is no yardstick).
        repeated: What the sync before this one quarantined, if it did.
    """
    objection = object_to(taken, pages, last_good, bounds)
    if objection is None:
        return Admit()
    if repeated is None or not _is_repeat(taken, pages, objection, repeated, bounds):
        return Quarantine(objection, None)
    entry = repeated.entry
    seen = entry.repeats + 1
    if (
        objection.reason in _ADMITTED_WHEN_REPEATED
        and seen >= bounds.repeats
        and now - entry.first_seen_at >= bounds.over
    ):
        return Admit(f"{objection.detail}; admitted after upstream sent it in {seen} consecutive syncs", entry.id)
    return Quarantine(objection, entry.id)


def object_to(
    taken: Snapshot | NotAList, pages: Sequence[RawPage], last_good: Snapshot | None, bounds: GuardBounds
) -> Objection | None:
    """What the guard has against a list, or None."""
    if isinstance(taken, NotAList):
        return Objection(
            reason=taken.reason, detail=taken.detail, admissible=False, digest=_digest(pages), model_count=0
        )
    found = _intrinsic(taken, bounds) or (_compared(taken, last_good, bounds) if last_good else None)
    if found is None:
        return None
    reason, detail = found
    return Objection(
        reason=reason,
        detail=detail,
        admissible=bool(taken.models),
        digest=taken.digest,
        model_count=len(taken.models),
    )


def _intrinsic(taken: Snapshot, bounds: GuardBounds) -> tuple[Reason, str] | None:
    if not taken.models:
        first = f"; the first of {len(taken.rejects)} rejects: {taken.rejects[0].reason}" if taken.rejects else ""
        return Reason.EMPTY, f"Expected at least one model, got none{first}"
    if len(taken.rejects) > bounds.max_reject_share * taken.rows:
        worst = taken.rejects[0]
        return Reason.REJECTED_ROWS, (
            f"Expected at most {bounds.max_reject_share} of the rows to be rejected, got {len(taken.rejects)} of "
            f"{taken.rows}; the first: {worst.path}: {worst.reason}"
        )
    return None


def _compared(taken: Snapshot, last_good: Snapshot, bounds: GuardBounds) -> tuple[Reason, str] | None:
    if len(taken.models) < bounds.min_share * len(last_good.models):
        return Reason.SHRUNK, (
            f"Expected at least {bounds.min_share} of the {len(last_good.models)} models of the last good list, "
            f"got {len(taken.models)}"
        )
    repriced, priced = _count_repriced(taken, last_good)
    if repriced > bounds.max_repriced_share * priced:
        return Reason.REPRICED, (
            f"Expected at most {bounds.max_repriced_share} of the prices to change tenfold, or to or from zero, "
            f"got {repriced} of {priced}"
        )
    return None


def _count_repriced(taken: Snapshot, last_good: Snapshot) -> tuple[int, int]:
    """How many of the prices stated in both lists changed beyond belief, and how many there are."""
    old = {model.id: model.pricing.rates for model in last_good.models}
    repriced = priced = 0
    for model in taken.models:
        before = old.get(model.id, {})
        for name, price in model.pricing.rates.items():
            was = before.get(name)
            # A rate that comes or goes is no price change: zero prices stopped being sent in January 2026.
            if was is None or PriceState.DYNAMIC in (was.state, price.state):
                continue
            priced += 1
            repriced += _is_beyond_belief(was.amount, price.amount)
    return repriced, priced


def _is_beyond_belief(before: Decimal, after: Decimal) -> bool:
    if not before or not after:
        return before != after
    return after >= before * _TENFOLD or before >= after * _TENFOLD


def _is_repeat(
    taken: Snapshot | NotAList, pages: Sequence[RawPage], objection: Objection, repeated: Repeated, bounds: GuardBounds
) -> bool:
    """Whether upstream says the same again: the same bytes, or a list that would be admitted after that one."""
    if objection.digest == repeated.entry.digest:
        return True
    if isinstance(taken, NotAList) or isinstance(repeated.taken, NotAList):
        return False
    if objection.reason not in _ADMITTED_WHEN_REPEATED:
        return objection.reason == repeated.entry.reason
    # As many models, but others, are another list.
    ids = {model.id for model in repeated.taken.models}
    if sum(model.id in ids for model in taken.models) < bounds.min_share * len(ids):
        return False
    return repeated.entry.reason in _ADMITTED_WHEN_REPEATED and object_to(taken, pages, repeated.taken, bounds) is None


def _digest(pages: Sequence[RawPage]) -> str:
    digest = sha256()
    for page in pages:
        digest.update(sha256(page.body).digest())
    return digest.hexdigest()
