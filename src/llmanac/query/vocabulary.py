"""Every word of the names, and the rows that have it: looked up whole, by its beginning, run together, with a slip."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

import msgspec

from llmanac.query.bits import bits_of
from llmanac.query.names import NamedRow, run_together

LEAST_LETTERS = 4
"""A word of fewer letters, or with a digit, is not forgiven a slip: it would be another word."""

_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?=\d)")
_LAST = "\U0010ffff"
_YEAR_DIGITS = 4
_MAX_SPLITS = 8
_MAX_SPLIT_CHARACTERS = 40


class Found(msgspec.Struct, frozen=True):
    """Rows with one word of the question: with the very word, with a beginning too, and with a slip too.

    `own` are those of `near` that have it in their own id or name.
    """

    exact: int = 0
    begun: int = 0
    near: int = 0
    own: int = 0

    def __or__(self, other: "Found") -> "Found":
        return Found(self.exact | other.exact, self.begun | other.begun, self.near | other.near, self.own | other.own)


class Vocabulary:
    """The words of all rows."""

    def __init__(self, named: Sequence[NamedRow]) -> None:
        self._size = len(named)
        self._texts = [names.text for names in named]
        self._own_ends = [names.own_end for names in named]
        self._own: dict[str, list[int]] = {}
        self._other: dict[str, list[int]] = {}
        for row, names in enumerate(named):
            for word in names.own:
                self._own.setdefault(word, []).append(row)
            for word in names.other:
                self._other.setdefault(word, []).append(row)
        self._words = sorted(self._own.keys() | self._other.keys())
        self._letters: dict[int, list[str]] = {}
        """The words that may be meant by one with a slip, by their length."""
        for word in self._words:
            if word.isalpha() and len(word) >= LEAST_LETTERS - 1:
                self._letters.setdefault(len(word), []).append(word)

    def find(self, word: str) -> Found:
        """The rows of a word as somebody typed it."""
        found = self.begun_with(word) | self._run_together(run_together(word))
        if self._is_known(word) or len(word) < LEAST_LETTERS or not word.isalpha():
            return found
        from rapidfuzz import process  # noqa: PLC0415  4 MB, which only a question with a slip needs
        from rapidfuzz.distance import OSA  # noqa: PLC0415  as above

        slips: list[str] = []
        for length in (len(word) - 1, len(word), len(word) + 1):
            near = process.extract(word, self._letters.get(length, ()), scorer=OSA.distance, score_cutoff=1, limit=None)
            slips += [other for other, _, _ in near]
        return found | Found(near=self._having(slips), own=self._having(slips, own_only=True))

    def begun_with(self, word: str) -> Found:
        """The rows with this word or one that begins with it."""
        if not word:
            return Found()
        spellings = list(dict.fromkeys((word, run_together(word))))
        begun = [
            longer
            for spelling in spellings
            for longer in self._longer(spelling, whole_number=_ends_in_whole_number(spelling))
        ]
        rows = self._having(begun)
        return Found(exact=self._having(spellings), begun=rows, near=rows, own=self._having(begun, own_only=True))

    def _is_known(self, word: str) -> bool:
        return word in self._own or word in self._other

    def _having(self, words: Iterable[str], *, own_only: bool = False) -> int:
        tables = (self._own,) if own_only else (self._own, self._other)
        return bits_of((row for word in words for table in tables for row in table.get(word, ())), self._size)

    def _longer(self, word: str, *, whole_number: bool) -> Sequence[str]:
        """The words that begin with this one."""
        start = bisect_left(self._words, word)
        words = self._words[start : bisect_left(self._words, word + _LAST, lo=start)]
        if not whole_number:
            return words
        return [longer for longer in words if not longer[len(word) : len(word) + 1].isdecimal()]

    def _begins(self, word: str) -> bool:
        """Whether any word begins with this one."""
        place = bisect_left(self._words, word)
        return place < len(self._words) and self._words[place].startswith(word)

    def _run_together(self, word: str) -> Found:
        """The rows in which this word is several that follow each other: gpt4o, claude35, llama3."""
        exact: set[int] = set()
        begun: set[int] = set()
        own: set[int] = set()
        whole_number = _ends_in_whole_number(word)
        for pieces in islice(self._splits(word), _MAX_SPLITS):
            spelt = " " + " ".join(_BETWEEN_DIGITS.sub(r"\\.?", re.escape(piece)) for piece in pieces)
            beginning, whole = re.compile(spelt + (r"(?!\d)" if whole_number else "")), re.compile(f"{spelt} ")
            certain = _BETWEEN_DIGITS.split(" " + " ".join(pieces), maxsplit=1)[0]
            for row in self._with_rarest(pieces[:-1]):
                # A plain look is a fifth of the price, and mostly enough.
                place = beginning.search(self._texts[row]) if certain in self._texts[row] else None
                if place is not None:
                    begun.add(row)
                    if place.start() < self._own_ends[row]:
                        own.add(row)
                    if whole.search(self._texts[row], place.start()):
                        exact.add(row)
        rows = bits_of(begun, self._size)
        return Found(exact=bits_of(exact, self._size), begun=rows, near=rows, own=bits_of(own, self._size))

    def _with_rarest(self, words: Sequence[str]) -> Sequence[int]:
        """The rows of that of the words which has the fewest."""
        having = [(*self._own.get(word, ()), *self._other.get(word, ())) for word in words]
        return min(having, key=len)

    def _splits(self, word: str) -> Iterator[tuple[str, ...]]:
        """The ways to write it as two or more words that are there, of which the last may be unfinished."""
        if len(word) > _MAX_SPLIT_CHARACTERS:
            return
        after: dict[int, list[int]] = {}
        """From where a word can begin, the places where the next one can, the word's end among them."""
        for start in reversed(range(len(word))):
            ends = [end for end in range(start + 1, len(word)) if end in after and self._is_known(word[start:end])]
            if self._begins(word[start:]):
                ends.append(len(word))
            if ends:
                after[start] = ends
        ways: list[tuple[int, ...]] = [(0,)]
        while ways:
            way = ways.pop()
            if way[-1] < len(word):
                ways += [(*way, end) for end in after.get(way[-1], ())]
            elif len(way) > 2:
                yield tuple(word[start:end] for start, end in pairwise(way))


def _ends_in_whole_number(word: str) -> bool:
    """Whether a number at the end is taken as it is: 3 begins 3.5 and 3b, but not 32. A year may go on with a month."""
    return word[-1].isdecimal() and not (len(word) >= _YEAR_DIGITS and word[-_YEAR_DIGITS:].isdecimal())
