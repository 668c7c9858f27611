"""What a question means, written a second time and as plainly as can be: no tables, no bits, one row after another."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, localcontext

import msgspec

from llmanac.catalogue.expiry import expires_on
from llmanac.query.query import Query
from llmanac.query.row import Row
from llmanac.query.words import search_words

DAY = 86_400


def plain_search(rows: Sequence[Row], query: Query, now: datetime) -> tuple[list[Row], int]:
    """The rows of the page, and how many there are in all."""
    kept = [row for row in rows if keeps(row, query, now)]
    if query.q:
        points = Points(rows, query.q)
        kept = [row for row in kept if points.of(row) is not None]
        kept.sort(key=points.order)
    if query.sort:
        kept.sort(key=lambda row: row.model.id)
        for key in reversed(query.sort):
            known = [row for row in kept if value_of(row, key.order) is not None]
            known.sort(key=lambda row: value_of(row, key.order), reverse=key.descending)  # type: ignore[arg-type,return-value]
            kept = known + [row for row in kept if value_of(row, key.order) is None]
    end = None if query.limit is None else query.offset + query.limit
    return kept[query.offset : end], len(kept)


def keeps(row: Row, query: Query, now: datetime) -> bool:
    """Whether every filter but `q` keeps a row."""
    model = row.model
    days = None if model.created is None else (int(now.timestamp()) // 60 * 60 - model.created) // DAY
    prompt, completion = price_of(row, "prompt"), price_of(row, "completion")
    words = words_of(row)
    return all(
        (
            not query.ids or model.id in query.ids,
            not query.model_authors or has(query.model_authors, words["author"]),
            not query.input_modalities or has(query.input_modalities, words["input_modality"]),
            not query.output_modalities or has(query.output_modalities, words["output_modality"]),
            query.supported_parameters <= {word.casefold() for word in words["parameter"]},
            not query.arch or has(query.arch, words["arch"]),
            not query.variant or has(query.variant, words["variant"]),
            not query.price_state or has(query.price_state, words["price_state"]),
            not query.status or row.status in query.status,
            query.context is None or (model.context_length is not None and model.context_length >= query.context),
            query.min_price is None or (prompt is not None and prompt >= query.min_price),
            query.max_price is None or (prompt is not None and prompt <= query.max_price),
            query.min_output_price is None or (completion is not None and completion >= query.min_output_price),
            query.max_output_price is None or (completion is not None and completion <= query.max_output_price),
            query.min_age_days is None or (days is not None and days >= query.min_age_days),
            query.max_age_days is None or (days is not None and days <= query.max_age_days),
        )
    )


def has(wanted: Iterable[str], words: Iterable[str]) -> bool:
    return any(word.casefold() in wanted for word in words)


def price_of(row: Row, rate: str) -> Decimal | None:
    """USD per million tokens; None when it is not stated or decided per request."""
    price = row.model.pricing.rate(rate)
    if price is None or price.text.startswith("-"):
        return None
    with localcontext(prec=200):
        return Decimal(price.text) * 1_000_000


def words_of(row: Row) -> Mapping[str, set[str]]:
    """By facet; "none" stands for nothing."""
    model = row.model
    stated: Mapping[str, Iterable[str | None]] = {
        "author": (model.id.removeprefix("~").split("/")[0] if "/" in model.id else None,),
        "input_modality": model.architecture.input_modalities,
        "output_modality": model.architecture.output_modalities,
        "parameter": model.supported_parameters,
        "arch": (model.architecture.tokenizer,),
        "variant": (model.id.split(":", 1)[1] if ":" in model.id else None,),
        "price_state": (state_of(row),),
        "status": (row.status,),
    }
    return {facet: {word or "none" for word in words} or {"none"} for facet, words in stated.items()}


def state_of(row: Row) -> str:
    texts = [price and price.text for price in map(row.model.pricing.rate, ("prompt", "completion"))]
    if any(text and text.startswith("-") for text in texts):
        return "dynamic"
    if None in texts:
        return "unknown"
    return "free" if all(Decimal(str(text)) == 0 for text in texts) else "paid"


def count(rows: Iterable[Row], facet: str) -> dict[str, int]:
    """How many rows have each word, the most first, then by the word."""
    counted = Counter(word for row in rows for word in words_of(row)[facet])
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def value_of(row: Row, order: str) -> object:
    prompt, completion = price_of(row, "prompt"), price_of(row, "completion")
    values: Mapping[str, Callable[[], object]] = {
        "id": lambda: row.model.id,
        "name": lambda: None if row.model.name is None else row.model.name.casefold(),
        "author": lambda: row.model.author or None,
        "created": lambda: row.model.created,
        "context": lambda: row.model.context_length,
        "max_completion_tokens": lambda: row.model.top_provider.max_completion_tokens,
        "price": lambda: prompt,
        "output_price": lambda: completion,
        "average_price": lambda: None if prompt is None or completion is None else (prompt + completion) / 2,
        "expires": lambda: expires_on(row.model.record),
    }
    return values[order]()


class Points:
    """What every row gets for a search."""

    def __init__(self, rows: Sequence[Row], text: str) -> None:
        self.text = text
        self.words = search_words(text)
        self.names = {row.model.id: names_of(row, rows) for row in rows}
        self.vocabulary = {word for names in self.names.values() for word, _ in spelt(names)}

    def order(self, row: Row) -> tuple[bool, int, int, str]:
        literal = row.model.id in (self.text, self.text.lower())
        points = self.of(row)
        assert points is not None
        return (not literal, 0 if literal else -points, len(" ".join(search_words(row.model.id))), row.model.id)

    def of(self, row: Row) -> int | None:
        """The points of a row for all words; None when it lacks one."""
        points = [self.for_word(row, place) for place in range(len(self.words))]
        return None if None in points else sum(filter(None, points))

    def for_word(self, row: Row, place: int) -> int | None:
        names, word = self.names[row.model.id], self.words[place]
        joined = [
            a + b for at, (a, b) in enumerate(zip(self.words, self.words[1:], strict=False)) if place in (at, at + 1)
        ]
        hits = [
            *beginnings(names, word, several=True),
            *(hit for both in joined for hit in beginnings(names, both, several=False)),
        ]
        slips = []
        if word.isalpha() and len(word) >= 4 and word not in self.vocabulary:
            slips = [
                own for other, own in spelt(names) if other.isalpha() and len(other) >= 3 and one_slip(word, other)
            ]
        if not hits and not slips:
            return None
        exact, begun, own = any(whole for whole, _ in hits), bool(hits), any((*slips, *(own for _, own in hits)))
        return 4 * exact + 2 * begun + own


Names = list[tuple[list[str], bool]]
"""Of each name its words, and whether it is the row's own."""


def names_of(row: Row, rows: Sequence[Row]) -> Names:
    own = [search_words(row.model.id), search_words(row.model.name or "")]
    record = msgspec.json.decode(row.model.record)
    others = [record.get("canonical_slug") or ""]
    others += (record.get("alias_target") or {}).values()
    for other in rows:
        if (msgspec.json.decode(other.model.record).get("alias_target") or {}).get("slug") == row.model.id:
            others += [other.model.id, other.model.name or ""]
    return [(words, True) for words in own] + [
        (words, False) for words in map(search_words, others) if words not in own
    ]


def spelt(names: Names) -> Iterator[tuple[str, bool]]:
    for words, own in names:
        for word in words:
            yield word, own
            yield word.replace(".", ""), own


def beginnings(names: Names, word: str, *, several: bool) -> Iterator[tuple[bool, bool]]:
    """Where a word begins one word, or several in a row: whether it is just those, and whether the name is its own."""
    for words, own in names:
        for there in words:
            yield from ((whole, own) for whole in begins_one(there, word))
        if several:
            for start in range(len(words)):
                for last in range(start + 1, len(words)):
                    yield from ((whole, own) for whole in begins_several(words[start:last], words[last], word))


def begins_one(there: str, word: str) -> Iterator[bool]:
    for spelling in {there, there.replace(".", "")}:
        for asked in {word, word.replace(".", "")}:
            if spelling.startswith(asked) and not splits_number(asked, spelling[len(asked) :]):
                yield spelling == asked


def begins_several(whole: Sequence[str], last: str, word: str) -> Iterator[bool]:
    asked = word.replace(".", "")
    before = "".join(whole).replace(".", "")
    rest = asked.removeprefix(before)
    if asked.startswith(before) and rest:
        found = re.match(r"\.?".join(map(re.escape, rest)), last)
        if found and not splits_number(asked, last[found.end() :]):
            yield found.end() == len(last)


def splits_number(asked: str, after: str) -> bool:
    return bool(re.search(r"\d$", asked) and not re.search(r"\d{4}$", asked) and re.match(r"\d", after))


def one_slip(word: str, other: str) -> bool:
    """Whether one letter more, less or another, or two exchanged, makes one of the other."""
    if word == other:
        return True
    at = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    a, b = word[at:], other[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:] and len(a) > 1 < len(b))
