"""What kind of change a field's change is."""

from datetime import date

import msgspec

from llmanac.catalogue.change import ChangeKind
from llmanac.catalogue.expiry import expires_on

_KINDS = {
    "context_length": ChangeKind.CONTEXT,
    "top_provider.context_length": ChangeKind.CONTEXT,
    "top_provider.max_completion_tokens": ChangeKind.OUTPUT_LIMIT,
    "architecture.modality": ChangeKind.MODALITIES,
    "architecture.input_modalities": ChangeKind.MODALITIES,
    "architecture.output_modalities": ChangeKind.MODALITIES,
    "architecture.tokenizer": ChangeKind.TOKENIZER,
    "architecture.instruct_type": ChangeKind.TOKENIZER,
    "supported_parameters": ChangeKind.PARAMETERS,
    "default_parameters": ChangeKind.PARAMETERS,
    "name": ChangeKind.RENAMED,
    "canonical_slug": ChangeKind.RENAMED,
    "top_provider.is_moderated": ChangeKind.MODERATION,
    "description": ChangeKind.DESCRIPTION,
}


def kind_of(field: str, before: bytes | None, after: bytes | None) -> ChangeKind:
    """The kind by the field, for expiry dates and aliases by the values too."""
    if field == "expiration_date":
        return _expiry_kind(announced_on(before), announced_on(after))
    if field == "alias_target":
        return ChangeKind.OTHER if _slug(before) == _slug(after) else ChangeKind.ALIAS_MOVED
    if field.startswith("pricing."):
        return ChangeKind.PRICE
    if field.startswith("default_parameters."):
        return ChangeKind.PARAMETERS
    return _KINDS.get(field, ChangeKind.OTHER)


def announced_on(expiration_date: bytes | None) -> date | None:
    """The day that a value of `expiration_date` announces; None for sentinels and what is no date."""
    return None if expiration_date is None else expires_on(b'{"expiration_date":' + expiration_date + b"}")


def _expiry_kind(before: date | None, after: date | None) -> ChangeKind:
    if before == after:
        return ChangeKind.OTHER
    if before is None:
        return ChangeKind.EXPIRY_ANNOUNCED
    return ChangeKind.EXPIRY_WITHDRAWN if after is None else ChangeKind.EXPIRY_MOVED


class _Target(msgspec.Struct):
    slug: str | None = None


def _slug(alias_target: bytes | None) -> str | None:
    try:
        return msgspec.json.decode(alias_target or b"null", type=_Target).slug
    except msgspec.DecodeError:
        return None
