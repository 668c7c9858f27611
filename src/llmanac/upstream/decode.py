"""Bytes of a list → Snapshot, row by row: a bad row becomes a Reject and never loses the others."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType

import msgspec

from llmanac.catalogue.expiry import announced_day
from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.modality import derive_modalities
from llmanac.catalogue.model import Architecture, Model, TopProvider
from llmanac.catalogue.money import Price, parse_price
from llmanac.catalogue.pricing import LISTED_RATES, OTHER_RATES, Pricing
from llmanac.catalogue.record import normal_form
from llmanac.catalogue.snapshot import Part, RawPage, Reject, Snapshot, make_snapshot
from llmanac.upstream.split import NotAList, NotAListReason, excerpt, split_page
from llmanac.upstream.wire import LenientInteger, WireArchitecture, WireModel, WireTopProvider

MAX_ID_CHARACTERS = 512
MAX_INTEGER = 2**53 - 1
"""The largest integer every JSON reader keeps exactly (RFC 8259 section 6)."""

_RATES = frozenset(LISTED_RATES + OTHER_RATES)
_row_decoder = msgspec.json.Decoder(WireModel)


class _BadRow(Exception):
    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def decode(pages: Sequence[RawPage], *, source: str, taken_at: datetime) -> Snapshot | NotAList:
    """All pages of a list as one Snapshot, narrowed by the account's list when pages of it are there; O(rows)."""
    rows: dict[Part, list[msgspec.Raw]] = {}
    for page in pages:
        split = split_page(page.body)
        if isinstance(split, NotAList):
            return NotAList(split.reason, f"{page.part}: {split.detail}")
        rows.setdefault(page.part, []).extend(split.data)
    models, rejects = decode_rows(rows.get(Part.MODELS, ()))
    if Part.ACCOUNT in rows:
        allowed = frozenset(model.id for model in decode_rows(rows[Part.ACCOUNT])[0])
        if not allowed:
            return NotAList(NotAListReason.NO_LIST, "account: Expected at least one model, got an empty list")
        models = narrow(models, allowed)
    return make_snapshot(source, taken_at, models, rejects)


def decode_rows(rows: Iterable[bytes | msgspec.Raw]) -> tuple[tuple[Model, ...], tuple[Reject, ...]]:
    """Models and Rejects, each in upstream's order. Of rows with one id the first good one is the model."""
    models: dict[ModelId, Model] = {}
    first_at: dict[ModelId, int] = {}
    rejects = []
    for position, row in enumerate(rows):
        try:
            model = decode_row(row)
            if model.id in models:
                raise _BadRow(  # noqa: TRY301  one place makes Rejects
                    ".id", f"Expected distinct ids, got {model.id!r} again after row {first_at[model.id]}"
                )
        except _BadRow as bad:
            rejects.append(Reject(position, f"$.data[{position}]{bad.path}", bad.reason, bytes(row)))
        else:
            models[model.id] = model
            first_at[model.id] = position
    return tuple(models.values()), tuple(rejects)


def narrow(models: Iterable[Model], allowed: frozenset[ModelId]) -> tuple[Model, ...]:
    """The models an account may use.

    `/models/user` is documented for the plain list, which holds only text output, so it decides only for those
    (upstream's OpenAPI document, August 2026, is silent on the others).
    """
    return tuple(model for model in models if not model.gives_text or model.id in allowed)


def decode_kept(record: bytes, digest: bytes | None = None) -> Model | None:
    """The model of a record that was one when it was saved; None if a later release of ours reads more strictly.

    Args:
        digest: Its own, where it is known: working it out takes a quarter of the time.
    """
    try:
        return decode_row(record, digest)
    except _BadRow:
        return None


def decode_row(row: bytes | msgspec.Raw, digest: bytes | None = None) -> Model:
    """One record. Internal callers turn `_BadRow` into a Reject."""
    try:
        wire = _row_decoder.decode(row)
        digest = digest or sha256(normal_form(row)).digest()
    except (msgspec.DecodeError, RecursionError) as problem:
        reason, _, path = str(problem).partition(" - at `$")
        raise _BadRow(path.rstrip("`"), reason) from None
    if not wire.id.strip() or len(wire.id) > MAX_ID_CHARACTERS:
        raise _BadRow(".id", f"Expected an id of 1 to {MAX_ID_CHARACTERS} characters, got {wire.id[:40]!r}")
    if "\0" in wire.id:
        raise _BadRow(".id", "Expected an id without NUL, which PostgreSQL keeps in no text")
    return Model(
        id=ModelId(wire.id),
        name=wire.name,
        created=_integer(wire.created, ".created"),
        description=wire.description or "",
        architecture=_architecture(wire.architecture or WireArchitecture()),
        top_provider=_top_provider(wire.top_provider or WireTopProvider()),
        pricing=_pricing(wire.pricing or {}),
        context_length=_integer(wire.context_length, ".context_length"),
        per_request_limits=_limits(wire.per_request_limits),
        supported_parameters=tuple(wire.supported_parameters or ()),
        record=bytes(row),
        digest=digest,
        expires_on=announced_day(wire.expiration_date),
    )


def _integer(value: LenientInteger, path: str) -> int | None:
    """Rounded down, so that no limit is overstated."""
    if value is None or (type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER):
        return value
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) <= len(str(MAX_INTEGER))):
            raise _BadRow(path, f"Expected a whole number, got {value[:40]!r}")
        value = int(value)
    if isinstance(value, float):
        value = math.floor(value)
    if abs(value) > MAX_INTEGER:
        raise _BadRow(path, f"Expected a number up to {MAX_INTEGER}, got a larger one")
    return value


def _architecture(wire: WireArchitecture) -> Architecture:
    taken: Iterable[str] | None = wire.input_modalities
    given: Iterable[str] | None = wire.output_modalities
    if taken is None or given is None:
        derived = derive_modalities(wire.modality)
        taken = derived[0] if taken is None else taken
        given = derived[1] if given is None else given
    return Architecture(
        input_modalities=tuple(taken),
        output_modalities=tuple(given),
        tokenizer=wire.tokenizer,
        instruct_type=wire.instruct_type,
    )


def _top_provider(wire: WireTopProvider) -> TopProvider:
    return TopProvider(
        is_moderated=wire.is_moderated,
        context_length=_integer(wire.context_length, ".top_provider.context_length"),
        max_completion_tokens=_integer(wire.max_completion_tokens, ".top_provider.max_completion_tokens"),
    )


def _pricing(wire: dict[str, msgspec.Raw]) -> Pricing:
    rates: dict[str, Price] = {}
    for name, raw in wire.items():
        text = bytes(raw)
        if name in _RATES and text != b"null":
            try:
                rates[name] = _price(text)
            except ValueError as problem:
                raise _BadRow(f".pricing.{name}", str(problem)) from None
    return Pricing(MappingProxyType(rates))


@lru_cache(maxsize=1024)  # a list has two thousand prices, of three hundred texts
def _price(raw: bytes) -> Price:
    """A price is text; a JSON number (other sources send them) is kept by its literal text."""
    if raw[:1] == b'"':
        return parse_price(msgspec.json.decode(raw, type=str))
    if raw[:1] in b"-0123456789":
        return parse_price(raw.decode("ascii"))
    raise ValueError(f"Expected a price, got {excerpt(raw)}")


def _limits(raw: msgspec.Raw) -> bytes | None:
    text = bytes(raw)
    if text == b"null":
        return None
    if text[:1] != b"{":
        raise _BadRow(".per_request_limits", f"Expected an object, got {excerpt(text)}")
    return text
