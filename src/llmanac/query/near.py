"""Which known words somebody may have meant."""

import re
from collections.abc import Iterable

from rapidfuzz.distance import OSA, Prefix

MAX_NEAR = 3
_LETTERS_PER_SLIP = 4
_LEAST_BEGINNING = 3
_LEAST_PART = 4
_PARTS = re.compile(r"[^\W_]+")


def near_words(word: str, known: Iterable[str]) -> list[str]:
    """The nearest few, the best first: a slip for every four letters, else begun or continued, else alike in part."""
    distances = {other: _distance(word.casefold(), other.casefold()) for other in known}
    near = sorted((distance, other) for other, distance in distances.items() if distance is not None)
    return [other for distance, other in near if distance[0] == near[0][0][0]][:MAX_NEAR]


def _distance(word: str, other: str) -> tuple[int, int] | None:
    """How near, the least first, or None for not at all."""
    slips = OSA.distance(word, other)
    if slips <= max(1, len(word) // _LETTERS_PER_SLIP) and slips < min(len(word), len(other)):
        return 0, slips
    if min(len(word), len(other)) >= _LEAST_BEGINNING and (word.startswith(other) or other.startswith(word)):
        return 1, slips
    parts = [part for part in _PARTS.findall(word) if len(part) >= _LEAST_PART]
    if any(_is_near_part(part, own) for part in parts for own in _PARTS.findall(other)):
        return 2, slips
    return None


def _is_near_part(part: str, own: str) -> bool:
    """With at most one slip, or another ending: modality, modalities."""
    alike = Prefix.similarity(part, own)
    return len(own) >= _LEAST_PART and (OSA.distance(part, own) <= 1 or alike >= max(_LEAST_PART, len(part) - 2))
