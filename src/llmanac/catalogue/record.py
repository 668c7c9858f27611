"""Upstream's own JSON: comparing it and taking it apart without losing a byte."""

import msgspec

_number_kept = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def normal_form(value: bytes | msgspec.Raw) -> bytes:
    """The JSON without white space and with sorted keys, fractions by their literal text: equal for equal content.

    For comparing and digests only.

    Raises:
        msgspec.DecodeError, RecursionError: It is no JSON, or nested beyond sense.
    """
    return msgspec.json.encode(_number_kept.decode(value), order="sorted")


def members(record: bytes | msgspec.Raw) -> dict[str, bytes]:
    """The members of an object in their order, each by its literal text. Of doubled names the last one counts."""
    return {name: bytes(raw) for name, raw in _members.decode(record).items()}
