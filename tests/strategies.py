"""What hypothesis draws: JSON of any kind with its spellings, rows that upstream might send, and prices.

JSON is a tree of `tests.contract.oracle.Json`, in which a number is the text it was written as, so that nothing is lost
on the way to the bytes. `spell` writes a tree; every tree has many spellings that mean the same.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

from hypothesis import settings
from hypothesis import strategies as st

from llmanac.catalogue.snapshot import Part, RawPage, Snapshot
from llmanac.upstream.decode import decode
from llmanac.upstream.split import NotAList
from tests.build import architecture, record, top_provider
from tests.contract.oracle import Json, Number, parse

TAKEN_AT = datetime(2026, 10, 26, 4, tzinfo=UTC)


def examples(count: int) -> settings:
    """So many, a fifth of them in `make test`. A shared machine may pause at any moment, so none has a deadline."""
    return settings(deadline=None, max_examples=count * settings().max_examples // 100)


quick = examples(100)
"""For pure functions."""

quick_lists = examples(50)
"""For whole lists, which take longer to draw than to check."""

served_quick = examples(15)
"""For examples that each go through a running server."""

NOT_JSON = ("NaN", "Infinity", "-Infinity", '"\\ud800"', '"a\\udfff"')
"""Values a lenient reader takes and a strict one refuses; spelt just so."""

_NUMBERS = (
    "0",
    "1",
    "-1",
    "0.0",
    "1.0",
    "0.10",
    "1E5",
    "1e-7",
    "1e400",
    "-1e999",
    "25804.8",
    "9" * 30,
    "9007199254740993",
)
_SPACES = ("", "", "", " ", "\n", "\t ", "\r\n  ")


def numbers() -> st.SearchStrategy[Json]:
    """Any number that JSON can write, the largest and the most exact ones too."""
    return (st.sampled_from(_NUMBERS) | st.integers().map(str) | price_texts()).map(Number)


def json_values(max_leaves: int = 12) -> st.SearchStrategy[Json]:
    """Any JSON value, a few levels deep."""
    leaves: st.SearchStrategy[Json] = st.none() | st.booleans() | st.text(max_size=12) | numbers()
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names(), inner, max_size=4),
        max_leaves=max_leaves,
    )


def _names() -> st.SearchStrategy[str]:
    known = ("id", "name", "data", "links", "pricing", "prompt", "architecture", "context_length", "next", "error", "")
    return st.sampled_from(known) | st.text(max_size=8)


def spell(value: Json, dice: Random | None = None) -> str:
    """JSON text of a tree: plain, or with white space, order of members and escapes as the dice fall."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        pairs = list(value.items())
        if dice:
            dice.shuffle(pairs)
        members = (f"{_padded(spell(name, dice), dice)}:{_padded(spell(part, dice), dice)}" for name, part in pairs)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_padded(spell(part, dice), dice) for part in value) + "]"
    return json.dumps(value, ensure_ascii=bool(dice and dice.random() < 0.5))


def _padded(text: str, dice: Random | None) -> str:
    return dice.choice(_SPACES) + text + dice.choice(_SPACES) if dice else text


def throws() -> st.SearchStrategy[Random]:
    """What makes one spelling or another."""
    return st.builds(Random, st.integers(0, 1 << 16))


def price_texts() -> st.SearchStrategy[str]:
    """Prices as upstream writes them or might: plain, with an exponent, noisy, zero in many spellings, dynamic."""
    usual = ("0", "-1", "0.0", "0.00", "1e-7", "0.0000006000000000000001", "0.000000083333333333333333")
    return st.sampled_from(usual) | st.from_regex(
        r"(0|[1-9][0-9]{0,5})(\.[0-9]{1,20})?([eE][+-]?[0-5])?", fullmatch=True
    )


def good_rows(count: int | None = None) -> st.SearchStrategy[list[Json]]:
    """Rows that must all become models, their ids `good/0`, `good/1` … in this order."""
    sizes = st.integers(0, 5) if count is None else st.just(count)
    return sizes.flatmap(lambda size: st.tuples(*(good_row(f"good/{place}") for place in range(size))).map(list))


def good_row(name: str) -> st.SearchStrategy[Json]:
    """A row with this id that must become a model: known members as upstream sends them, and an unknown one.

    The known ones come of a seed: drawing each by itself takes hypothesis a tenth of a second for a list.
    """
    return st.builds(
        lambda seed, unknown: _row(name, Random(seed)) | {"new": unknown}, st.integers(0, 1 << 16), json_values(3)
    )


_TEXTS = (None, "", " ", "Acme: Owl 2 ", "<think>no markup</think>\n", '\u00a0🦉 "quoted" \\', "\0", "100%")
_COUNTS = (None, 0, 1, 4095, 262_144, 10_000_000)
_PRICES = ("0", "-1", "0.0", "0.10", "1e-7", "0.0000004", "0.0000006000000000000001", "1E+2")
_RATES = ("prompt", "completion", "image", "request", "web_search", "input_cache_read", "audio", "image_output")
_MODALITIES = ("text", "image", "embeddings", "smell")


def _row(name: str, dice: Random) -> dict[str, Json]:
    def some(words: Sequence[str]) -> list[str]:
        return dice.sample(words, dice.randint(0, 3))

    known = record(
        id=name,
        name=dice.choice(_TEXTS),
        description=dice.choice(_TEXTS),
        created=dice.choice(_COUNTS),
        context_length=dice.choice(_COUNTS),
        architecture=architecture(some(_MODALITIES), some(_MODALITIES), tokenizer=dice.choice(_TEXTS)),
        top_provider=top_provider(max_completion_tokens=dice.choice(_COUNTS)),
        pricing={rate: dice.choice(_PRICES) for rate in some(_RATES)},
    )
    row = parse(json.dumps(known).encode())
    assert isinstance(row, dict)
    return row


def junk_rows() -> st.SearchStrategy[str]:
    """JSON text of rows that may be anything; none has the id of a good one."""
    values = json_values()
    members = (
        "name", "created", "description", "architecture", "top_provider", "pricing", "context_length",
        "per_request_limits", "supported_parameters",
    )  # fmt: skip
    known = st.dictionaries(st.sampled_from(members), values, max_size=4)
    with_id = st.builds(
        lambda name, rest: {"id": name, **rest}, st.text(max_size=9).map("junk/{}".format) | values, known
    )
    return (values | with_id).filter(_is_no_good_row).map(spell) | st.sampled_from(NOT_JSON)


def _is_no_good_row(value: Json) -> bool:
    return not (isinstance(value, dict) and str(value.get("id")).startswith("good/"))


def page(rows: Sequence[str]) -> bytes:
    """One answer with these rows, each as it is spelt."""
    return ('{"data":[' + ",".join(rows) + "]}").encode()


def taken(body: bytes, *, at: datetime = TAKEN_AT) -> Snapshot:
    """The Snapshot of one answer that must be a list."""
    found = decode([RawPage(Part.MODELS, "http://upstream.test/models", body)], source="openrouter", taken_at=at)
    assert not isinstance(found, NotAList), found
    return found
