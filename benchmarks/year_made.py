"""A made-up series for where the real one is not: the bundled catalogue, changing as often as the real one did."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

import msgspec

from benchmarks.year_series import BUNDLE, Listing, Record, read_listing, renamed, scaled

DAYS = 58
SEED = 2026
BEGIN = datetime(2026, 6, 8, 4, tzinfo=UTC)

RATES: Mapping[str, float] = MappingProxyType(
    {
        "benchmarks": 205.5,
        "pricing": 17.9,
        "top_provider": 13.4,
        "supported_parameters": 12.0,
        "reasoning": 9.1,
        "context_length": 3.6,
        "expiration_date": 1.4,
        "description": 0.9,
        "default_parameters": 0.5,
        "name": 0.5,
        "added": 4.7,
        "removed": 3.5,
    }
)
"""Per 1,000 models and day: means of the 48 lists of summer 2026, over 57.5 days with 437 models."""

_ARENAS = ("3d", "asciiart", "codecategories", "dataviz", "gamedev", "svg", "uicomponent", "website")
_ARENA_SHARE = 0.27
_PARAMETERS = ("logit_bias", "logprobs", "min_p", "repetition_penalty", "seed", "stop", "top_a", "top_k", "verbosity")
_WORDS = ("agents", "answers", "at", "code", "context", "for", "images", "in", "long", "reasoning", "tools", "with")


def made_series() -> Sequence[Listing]:
    """One list a day; always the same ones."""
    draw = random.Random(SEED)
    models = {
        model: record
        for model, record in read_listing(BUNDLE.read_bytes(), BEGIN).models.items()
        if b'"utc_start"' not in record["pricing"]
    }
    models = {
        model: {**record, "benchmarks": _arena(draw)} if draw.random() < _ARENA_SHARE else record
        for model, record in models.items()
    }
    series = [Listing(BEGIN, models)]
    for day in range(1, DAYS + 1):
        models = _next_day(models, day, draw)
        series.append(Listing(BEGIN + timedelta(days=day), models))
    return series


def _next_day(models: Mapping[str, Record], day: int, draw: random.Random) -> dict[str, Record]:
    def happens(name: str, share: float = 1.0) -> bool:
        return draw.random() < RATES[name] / 1000 / share

    new: dict[str, Record] = {}
    kept: dict[str, Record] = {}
    for model, record in models.items():
        if happens("added"):
            new[renamed(model, f"day{day}")] = record
        if happens("removed"):
            continue
        changed = {name: change(record, draw) for name, change in _CHANGES.items() if happens(name)}
        if "benchmarks" in record and happens("benchmarks", _ARENA_SHARE):
            changed["benchmarks"] = _arena(draw)
        kept[model] = {**record, **changed} if changed else record
    return new | kept


def _arena(draw: random.Random) -> bytes:
    figures = [
        {
            "arena": "models",
            "category": arena,
            "elo": draw.randrange(950, 1350),
            "rank": draw.randrange(1, 120),
            "win_rate": draw.randrange(200, 700) / 10,
        }
        for arena in _ARENAS
    ]
    return msgspec.json.encode({"artificial_analysis": None, "design_arena": figures})


def _pricing(record: Record, draw: random.Random) -> bytes:
    return scaled(record["pricing"], Decimal(draw.randrange(700, 1300)) / 1000)


def _top_provider(record: Record, draw: random.Random) -> bytes:
    stated = msgspec.json.decode(record["top_provider"], type=dict[str, object])
    return msgspec.json.encode({**stated, "max_completion_tokens": draw.randrange(4, 256) * 1024})


def _parameters(record: Record, draw: random.Random) -> bytes:
    stated = msgspec.json.decode(record["supported_parameters"], type=list[str])
    return msgspec.json.encode(sorted({*stated} ^ {draw.choice(_PARAMETERS)}))


def _reasoning(record: Record, draw: random.Random) -> bytes:  # noqa: ARG001 - as the others
    effort = draw.choice(("high", "medium", "low", "none"))
    return msgspec.json.encode({"mandatory": False, "default_enabled": draw.random() < 0.5, "default_effort": effort})


def _context(record: Record, draw: random.Random) -> bytes:  # noqa: ARG001 - as the others
    return b"%d" % (draw.randrange(8, 1024) * 1024)


def _expiry(record: Record, draw: random.Random) -> bytes:
    stated = record.get("expiration_date", b"null") != b"null"
    return b"null" if stated else msgspec.json.encode(date(2026, 9, 1) + timedelta(days=draw.randrange(90)))


def _description(record: Record, draw: random.Random) -> bytes:  # noqa: ARG001 - as the others
    return msgspec.json.encode(" ".join(draw.choices(_WORDS, k=30)))


def _defaults(record: Record, draw: random.Random) -> bytes:  # noqa: ARG001 - as the others
    return msgspec.json.encode({"temperature": draw.randrange(1, 20) / 10})


def _name(record: Record, draw: random.Random) -> bytes:
    return msgspec.json.encode(f"{msgspec.json.decode(record['name'], type=str)} {draw.choice(_WORDS)}")


_CHANGES: Mapping[str, Callable[[Record, random.Random], bytes]] = MappingProxyType(
    {
        "pricing": _pricing,
        "top_provider": _top_provider,
        "supported_parameters": _parameters,
        "reasoning": _reasoning,
        "context_length": _context,
        "expiration_date": _expiry,
        "description": _description,
        "default_parameters": _defaults,
        "name": _name,
    }
)
