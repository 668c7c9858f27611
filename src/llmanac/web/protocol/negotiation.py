"""Content codings by quality values (RFC 9110 section 12.5.3)."""

from enum import StrEnum
from functools import lru_cache

from llmanac.errors import NotAcceptable


class Coding(StrEnum):
    """The codings of every answer of the catalogue; of equal quality values the first of these wins: it is smallest."""

    BROTLI = "br"
    ZSTD = "zstd"
    GZIP = "gzip"
    IDENTITY = "identity"


_ALIASES = {"x-gzip": "gzip"}
_MAX_CHARACTERS = 1000


def choose_coding(accepted: str | None) -> Coding:
    """The coding to answer with.

    Args:
        accepted: The field's value, several fields joined by commas; None when there was none.

    Raises:
        NotAcceptable: Every coding was ruled out, `identity` included.
    """
    if accepted is None:
        return Coding.IDENTITY
    if len(accepted) > _MAX_CHARACTERS:
        accepted = accepted[:_MAX_CHARACTERS].rpartition(",")[0]
    return _choose(accepted)


@lru_cache(maxsize=512)
def _choose(accepted: str) -> Coding:
    if not accepted.strip():
        return Coding.IDENTITY
    qualities = _qualities(accepted)
    anything = qualities.get("*")
    best, chosen = 0.0, None
    for coding in Coding:
        # What is not listed is not wanted, except identity, which is acceptable until it is ruled out.
        quality = qualities.get(coding.value, anything)
        if quality is None:
            quality = 0.0001 if coding is Coding.IDENTITY else 0.0
        if quality > best:
            best, chosen = quality, coding
    if chosen is None:
        offered = ", ".join(Coding)
        raise NotAcceptable(f"Accept-Encoding rules out every coding; offered are {offered}")
    return chosen


def _qualities(accepted: str) -> dict[str, float]:
    qualities: dict[str, float] = {}
    for part in accepted.split(","):
        name, _, parameters = part.partition(";")
        name = name.strip().lower()
        if name:
            qualities[_ALIASES.get(name, name)] = _quality(parameters)
    return qualities


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value.strip())
            except ValueError:
                return 0.0
            return quality if 0.0 <= quality <= 1.0 else 0.0
    return 1.0


def names_etag(conditions: str, etag: str) -> bool:
    """Whether `If-None-Match` names this entity tag, by weak comparison (RFC 9110 section 13.1.2)."""
    if conditions == etag:
        return True
    if conditions.strip() == "*":
        return True
    return any(part.strip().removeprefix("W/") == etag for part in conditions.split(","))
