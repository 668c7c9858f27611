"""Calls, the lines that tell of them, and the prices they are made at."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from llmanac.answers.unknown_model import near_ids
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.model import Model
from llmanac.pricing.rate_card import rate_card
from llmanac.upstream.decode import decode_rows
from llmanac.usage.instants import us_of
from llmanac.usage.ledger import Ledger, Period, Prices
from llmanac.usage.names import Names
from llmanac.usage.reading import Batch, How, read_calls
from llmanac.usage.report import BadLines, UsageReport, make_report
from llmanac.usage.timeline import Span, Timeline, timeline_of
from tests.build import Json, Record

START = datetime(2026, 10, 26, 12, tzinfo=UTC)
"""A Monday's noon."""


def model_of(record: Record) -> Model:
    (model,), rejects = decode_rows((json.dumps(record).encode(),))
    assert not rejects, rejects
    return model


def timeline(*listed: tuple[float, Record | None]) -> Timeline:
    """From so many hours after `START` on each record, or none."""
    starts = [us_of(START + timedelta(hours=hours)) for hours, _ in listed]
    ends: Sequence[int | None] = [*starts[1:], None]
    models = [None if record is None else model_of(record) for _, record in listed]
    spans = [
        Span(since, until, rate_card(model))
        for since, until, model in zip(starts, ends, models, strict=True)
        if model is not None
    ]
    found = timeline_of(next(model.id for model in models if model is not None), spans)
    assert found is not None
    return found


def prices(*timelines: Timeline, nearest: bool = False, slugs: Mapping[str, ModelId] | None = None) -> Prices:
    by_id = {each.id: each for each in timelines}
    first = min(each.starts[0] for each in timelines)
    return Prices(Names(by_id, slugs or {}, near_ids), by_id.get, nearest, first)


def jsonl(lines: Iterable[Json]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def answer(model: str, hours: float, usage: Json, **members: Json) -> Json:
    """A chat completion, as it is logged."""
    created = int((START + timedelta(hours=hours)).timestamp())
    return {"id": "gen-1", "object": "chat.completion", "created": created, "model": model, "usage": usage, **members}


def read(content: bytes, how: How | None = None, *, piece: int = 1 << 18) -> Batch:
    """Everything of a file that comes in pieces of that size."""
    whole = Batch([], [])
    pieces = (content[at : at + piece] for at in range(0, len(content), piece))
    for batch in read_calls(pieces, "calls", how or How(), lambda _: None):
        whole.calls.extend(batch.calls)
        whole.bad.extend(batch.bad)
        whole.notes.add(batch.notes)
    return whole


def report(
    at: Prices, *contents: bytes, period: Period | None = None, by_model: bool = True, piece: int = 1 << 18
) -> UsageReport:
    """What files come to."""
    ledger, bad = Ledger(at, period), BadLines()
    for content in contents:
        batch = read(content, piece=piece)
        ledger.add(batch.calls)
        bad.add(batch.bad)
        bad.notes.add(batch.notes)
    return make_report(ledger, bad, by_model=by_model, now=START)
