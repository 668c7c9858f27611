"""The words of every row's names: its own, and others that it is known by."""

from collections.abc import Iterable, Sequence

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.catalogue.other_names import other_names
from llmanac.query.row import Row
from llmanac.query.words import search_words

_END = " \n "
"""Between two names, so that no run of words goes over from one to the next."""


class NamedRow(msgspec.Struct, frozen=True):
    """The names of one row as words with a space around each, the names apart by line ends.

    `own_end` is where its id and name end, and the permanent slug and the names of aliases begin.
    """

    text: str
    own_end: int
    own: frozenset[str]
    """Each word of its id and name in every spelling."""
    other: frozenset[str]


def named_rows(rows: Sequence[Row]) -> list[NamedRow]:
    """The names of each row. An alias is found by what it points at, and that by the alias."""
    known = [other_names(row.model.record) for row in rows]
    others = [[names.canonical_slug or ""] for names in known]
    places = {row.model.id: place for place, row in enumerate(rows)}
    for place, (row, names) in enumerate(zip(rows, known, strict=True)):
        target = names.alias_target
        if target is not None:
            others[place] += [target.slug, target.name or ""]
            pointed_at = places.get(ModelId(target.slug))
            if pointed_at is not None:
                others[pointed_at] += [row.model.id, row.model.name or ""]
    return [_named(row, names) for row, names in zip(rows, others, strict=True)]


def _named(row: Row, others: Iterable[str]) -> NamedRow:
    own_names = [search_words(row.model.id), search_words(row.model.name or "")]
    other_words = [words for words in map(search_words, others) if words and words not in own_names]
    own = " " + _END.join(map(" ".join, own_names)) + _END
    return NamedRow(
        text=own + _END.join(map(" ".join, other_words)) + " ",
        own_end=len(own),
        own=_spellings(own_names),
        other=_spellings(other_words),
    )


def _spellings(names: Iterable[Iterable[str]]) -> frozenset[str]:
    words = {word for name in names for word in name}
    return frozenset(words.union(run_together(word) for word in words if "." in word))


def run_together(word: str) -> str:
    """A version as those write it who leave out the dot: 3.5 is 35."""
    return word.replace(".", "")
