"""Which rows have a word, and how many of a set have it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, compress

from llmanac.query.bits import bits_of, flags_of
from llmanac.query.facet_names import NONE

_ROWS_AT_ONCE = 1024
"""Rows of a set that are counted in the time that one word of one row takes, about."""


class Values:
    """The words of all rows, each with the set of rows that have it. A row without any has the word `none`."""

    def __init__(self, words_by_row: Iterable[tuple[str | None, ...]], size: int) -> None:
        self._size = size
        rows: dict[str, list[int]] = {}
        self._by_row: list[tuple[str, ...]] = []
        once: dict[tuple[str, ...], tuple[str, ...]] = {}
        for row, stated in enumerate(words_by_row):
            words = tuple(dict.fromkeys(word or NONE for word in stated or (None,)))
            self._by_row.append(once.setdefault(words, words))
            for word in words:
                rows.setdefault(word, []).append(row)
        self._words_in_all = sum(map(len, rows.values()))
        self._bits = {word: bits_of(having, size) for word, having in rows.items()}
        self._folded: dict[str, int] = {}
        for word, bits in self._bits.items():
            self._folded[word.casefold()] = self._folded.get(word.casefold(), 0) | bits

    def any_of(self, words: Iterable[str]) -> int:
        """The rows that have at least one of these folded words."""
        found = 0
        for word in words:
            found |= self._folded.get(word, 0)
        return found

    def all_of(self, words: Iterable[str], among: int) -> int:
        """The rows among these that have every one of these folded words."""
        for word in words:
            among &= self._folded.get(word, 0)
        return among

    def counts(self, among: int) -> Mapping[str, int]:
        """How many of these rows have each word, the most first, then by the word; those that none has are left out."""
        counted = self._by_words(among) if self._has_few_words(among) else self._by_rows(among)
        return dict(sorted((pair for pair in counted if pair[1]), key=lambda pair: (-pair[1], pair[0])))

    def _by_words(self, among: int) -> Iterable[tuple[str, int]]:
        return [(word, (bits & among).bit_count()) for word, bits in self._bits.items()]

    def _by_rows(self, among: int) -> Iterable[tuple[str, int]]:
        found = compress(self._by_row, flags_of(among, self._size))
        return Counter(chain.from_iterable(found)).items()

    def _has_few_words(self, among: int) -> bool:
        """Whether the sets of all words are sooner gone through than the words of all these rows."""
        return len(self._bits) * self._size // _ROWS_AT_ONCE <= (
            1 + among.bit_count() * self._words_in_all // max(1, self._size)
        )
