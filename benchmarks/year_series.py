"""The lists that a year is made from: the real series where it lies beside the repository, else a made-up one."""

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import msgspec

from benchmarks.peers import ROOT

REAL_LISTS = ROOT.parent / "shared" / "data" / "snapshots" / "daily-all"
BUNDLE = ROOT / "src" / "llmanac" / "data" / "openrouter.json"

Record = Mapping[str, bytes]
"""A model's members in upstream's order, each by its JSON text, without white space."""

_DIGIT_AFTER_THE_FIRST = re.compile(rb"(?<=[0-9.])[0-9]")
_OTHER_DIGITS = bytes.maketrans(b"0123456789", b"3705918264")
_OTHER_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "qmzhworbtynkdcplxvegisfauj")
_TWIN_PRICE = Decimal("1.07")


class _Answer(msgspec.Struct):
    data: list[dict[str, msgspec.Raw]]


_any_json = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its models by id, in upstream's order."""

    at: datetime
    models: Mapping[str, Record]


def read_listing(body: bytes, at: datetime) -> Listing:
    """A stored answer of `GET /models`. Numbers keep their spelling; white space goes, as upstream sends none."""
    rows = msgspec.json.decode(body, type=_Answer).data
    records = [{name: _compact(value) for name, value in row.items()} for row in rows]
    return Listing(at, {msgspec.json.decode(record["id"], type=str): record for record in records})


def real_series() -> Sequence[Listing]:
    """The lists of every modality of summer 2026, oldest first; none where they are not."""
    return [read_listing(gzip.decompress(path.read_bytes()), _taken_at(path)) for path in sorted(_real_files())]


def windowed() -> Sequence[Record]:
    """Models of the bundled catalogue whose prices depend on the time of day, under ids of their own.

    The real series has none: it ends before there were any.
    """
    models = read_listing(BUNDLE.read_bytes(), datetime.now(UTC)).models
    return [
        {**record, "id": msgspec.json.encode(renamed(model, "windows"))}
        for model, record in models.items()
        if b'"utc_start"' in record["pricing"]
    ]


def enlarged(series: Sequence[Listing], models: int) -> Sequence[Listing]:
    """The series with so many models on average, by giving some of its models a twin that changes as they do.

    Which ones is told by their ids, so that a model has its twin in every list. A twin has prices, figures and texts of
    its own: compression shall not find the one in the other.
    """
    mean = sum(len(listing.models) for listing in series) / len(series)
    share = max(0.0, models / mean - 1)
    return [Listing(listing.at, dict(_with_twins(listing, share))) for listing in series]


def scaled(pricing: bytes, factor: Decimal) -> bytes:
    """Every positive price, at whatever depth, times the factor; conditions and special values (-1) as they are."""
    return msgspec.json.encode(_scaled(_any_json.decode(pricing), factor))


def _scaled(value: object, factor: Decimal) -> object:
    if isinstance(value, dict):
        return {name: _scaled(inner, factor) for name, inner in value.items()}
    if isinstance(value, list):
        return [_scaled(inner, factor) for inner in value]
    if isinstance(value, str):
        try:
            amount = Decimal(value)
        except InvalidOperation:
            return value
        return f"{(amount * factor).normalize():f}" if amount > 0 else value
    return value


def renamed(model: str, suffix: str) -> str:
    """An id with a suffix to its slug; the variant (`:free`) stays at the end."""
    slug, colon, variant = model.partition(":")
    return f"{slug}-{suffix}{colon}{variant}"


def _with_twins(listing: Listing, share: float) -> list[tuple[str, Record]]:
    found: list[tuple[str, Record]] = []
    for model, record in listing.models.items():
        found.append((model, record))
        if int.from_bytes(sha256(model.encode()).digest()[:4], "big") < share * 2**32:
            found.append((renamed(model, "twin"), _twin(record)))
    return found


def _twin(record: Record) -> Record:
    slug = msgspec.json.decode(record.get("canonical_slug", b'""'), type=str).encode()
    made = dict(record)
    for name in ("name", "description"):
        made[name] = msgspec.json.encode(_any_text(record.get(name)).translate(_OTHER_LETTERS))
    if slug:
        made["canonical_slug"] = msgspec.json.encode(f"{slug.decode()}-twin")
        made["links"] = record.get("links", b"null").replace(slug, slug + b"-twin")
    made["pricing"] = scaled(record["pricing"], _TWIN_PRICE)
    if "benchmarks" in record:
        made["benchmarks"] = _DIGIT_AFTER_THE_FIRST.sub(
            lambda digit: digit[0].translate(_OTHER_DIGITS), record["benchmarks"]
        )
    return MappingProxyType(made)


def _any_text(value: bytes | None) -> str:
    return "" if value is None else msgspec.json.decode(value, type=str | None) or ""


def _compact(value: msgspec.Raw) -> bytes:
    return msgspec.json.encode(_any_json.decode(value))


def _real_files() -> Sequence[Path]:
    return list(REAL_LISTS.glob("*.json.gz"))


def _taken_at(path: Path) -> datetime:
    return datetime.strptime(path.name.partition(".")[0], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
