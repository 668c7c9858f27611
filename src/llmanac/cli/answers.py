"""A server's answer → its shape."""

from typing import TypeVar

import msgspec

from llmanac.errors import ServerError

Shape = TypeVar("Shape")


def read_answer(body: bytes, shape: type[Shape]) -> Shape:
    """The body in its shape.

    Raises:
        ServerError: It has another: what answered is no llmanac, or one of another version.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as problem:
        raise ServerError(
            f"Expected the answer of a llmanac server, got something else: {problem}",
            hint="Check --server or LLMANAC_SERVER.",
        ) from None
