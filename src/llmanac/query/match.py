"""Which rows a search finds, and which of them fit best."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from llmanac.query.bits import every_bit
from llmanac.query.names import named_rows
from llmanac.query.orders import Ordering
from llmanac.query.row import Row
from llmanac.query.vocabulary import Found, Vocabulary
from llmanac.query.words import search_words

_EXACT, _BEGUN, _OWN = 2, 1, 0
"""What a row gets for a word, as powers of two: the very word counts most, then a beginning, then its own name."""


class Matches(msgspec.Struct, frozen=True):
    """The rows that a search finds, and the sets they fall into, the best first."""

    rows: int
    ranked: tuple[int, ...]


class Names:
    """The names of one list, ready to be searched."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._size = len(rows)
        named = named_rows(rows)
        self._vocabulary = Vocabulary(named)
        lengths = [names.text.index("\n") for names in named]
        self.order = Ordering(sorted(range(self._size), key=lambda row: (lengths[row], rows[row].model.id)))
        """Among equally good matches the shorter id comes first, then they go by id."""

    def find(self, text: str) -> Matches:
        """The rows that have every word of the text; none, if it has no word."""
        words = search_words(text)
        found = [self._vocabulary.find(word) for word in words]
        for place, (word, after) in enumerate(pairwise(words)):
            both = self._vocabulary.begun_with(word + after)
            found[place] |= both
            found[place + 1] |= both
        rows = every_bit(self._size) if words else 0
        for of_word in found:
            rows &= of_word.near
        return Matches(rows, tuple(_ranked(rows, found)))


def _ranked(rows: int, found: Sequence[Found]) -> list[int]:
    """The rows by what they get for all words together, the most first."""
    planes: list[int] = []
    """Of every row's sum the bits of one power of two."""
    for of_word in found:
        for power, bits in ((_EXACT, of_word.exact), (_BEGUN, of_word.begun), (_OWN, of_word.own)):
            _add(planes, power, bits)
    sets = [rows]
    for plane in reversed(planes):
        sets = [half for bits in sets for half in (bits & plane, bits & ~plane) if half]
    return sets


def _add(planes: list[int], power: int, bits: int) -> None:
    while bits:
        while len(planes) <= power:
            planes.append(0)
        planes[power], bits = planes[power] ^ bits, planes[power] & bits
        power += 1
