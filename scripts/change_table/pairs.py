"""Which list stands beside which, and the raw differences between them: counted by nothing of the product."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from llmanac.catalogue.snapshot import ListScope
from llmanac.store.rows import StoredFetch

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""As read here: a fraction is its text, so that no digit is lost."""


class Part(StrEnum):
    """Part of the series, by what a list was compared with."""

    FIRST = "first list"
    TEXT = "text only, monthly"
    SEAM = "seam"
    ALL = "every modality, daily"


class Pair(msgspec.Struct, frozen=True):
    """A list and the one it was compared with; None for the first."""

    part: Part
    before: StoredFetch | None
    after: StoredFetch


def pairs(fetches: Iterable[StoredFetch]) -> Iterator[Pair]:
    """Lists of one scope after each other, and the seam; a text-only list after one of every modality is in none."""
    newest: dict[ListScope, StoredFetch] = {}
    for fetch in fetches:
        text, broad = newest.get(ListScope.TEXT), newest.get(ListScope.ALL)
        if not newest:
            yield Pair(Part.FIRST, None, fetch)
        elif fetch.scope is ListScope.ALL:
            yield Pair(Part.SEAM if broad is None else Part.ALL, broad or text, fetch)
        elif broad is None:
            yield Pair(Part.TEXT, text, fetch)
        newest[fetch.scope] = fetch


def raw_differences(pair: Pair) -> Counter[str]:
    """JSON values that differ, by member of the record; `+` and `-` are models that came and went."""
    before = {} if pair.before is None else _records(pair.before)
    after = _records(pair.after)
    raw = Counter({"+": len(after.keys() - before.keys()), "-": len(before.keys() - after.keys())})
    for name in before.keys() & after.keys():
        one, other = dict(_leaves("", before[name])), dict(_leaves("", after[name]))
        raw.update(path.split(".")[1] for path in one | other if one.get(path, _leaves) != other.get(path, _leaves))
    return +raw


def _records(fetch: StoredFetch) -> Mapping[str, Json]:
    documents = [json.loads(page.body, parse_float=str) for page in fetch.pages]
    rows = [row for document in documents for row in (document if isinstance(document, list) else document["data"])]
    return {row["id"]: row for row in rows}


def _leaves(path: str, value: Json) -> Iterator[tuple[str, Json]]:
    """Every value by its path. A list of plain values is one value, of objects each by its place."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}", inner)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for place, item in enumerate(value):
            yield from _leaves(f"{path}.{place}", item)
    else:
        yield path, value
