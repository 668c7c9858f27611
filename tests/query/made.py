"""Made-up rows and questions that meet often: few authors, names that begin alike, values at each other's edges."""

from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import msgspec
from hypothesis import strategies as st

from llmanac.query.query import Query
from llmanac.query.row import REMOVED, Row, listed_row
from llmanac.query.sort_names import Order, SortKey
from tests.build import Json, answer, architecture, pricing, record, top_provider
from tests.strategies import taken

NOW = datetime(2026, 11, 1, 12, 30, 45, tzinfo=UTC)
_AT = int(NOW.timestamp()) // 60 * 60
_DAY = 86_400

AUTHORS = ("acme", "Owl-AI", "zoo")
_FAMILIES = ("owl", "Owlet", "gpt", "claude", "claudia", "kestrel 3.5", "kestrel-3.57", "kestrel-35b")
_VERSIONS = ("", "-4o", " 4", "-4.1", "-2024-08-06", "3", ".5-mini", " Pro é", "-20250805")
_VARIANTS = ("", "", ":free", ":batch")
_PRICES = (None, "-1", "0", "0.0", "0.0000004", "4e-7", "0.00000040000001", "0.000002", "1")
_COUNTS = (None, 0, 8_192, 200_000, 200_001)
_AGES = (None, -_DAY, 0, 1, _DAY - 1, _DAY, 7 * _DAY - 1, 7 * _DAY, 7 * _DAY + 1, 400 * _DAY)
MODALITIES = ("text", "image", "Audio")
PARAMETERS = ("tools", "seed", "Top_p")
TOKENIZERS = (None, "GPT", "gpt", "Claude", "")
_EXPIRES = (None, "2026-12-01", "2026-11-02", "2098-12-31")
_NAMES = (None, "", "Acme: Owl 4o", "Zoo Claude 3.5 Sonnet", "Ówl", "GPT-4.1 nano")
SEARCHES = (
    "owl", "OWL-4o", "owl4o", "olw", "owle", "gpt", "gpt41", "gpt 4.1", "gpt4", "claude", "cluade", "claud", "kestrel",
    "kestrel35", "kestrel 35", "kestrel3", "acme owl", "owl acme", "owl ai", "latest", "2024", "20240806", "4", "é",
    "acme/owl-4o:free", "kes trel", "pro", "owlet pro", "3.5", "35b", "son net",
)  # fmt: skip


def made_rows() -> st.SearchStrategy[tuple[Row, ...]]:
    """A list of a few models with distinct ids, some leaving or gone, some aliases of others."""
    return st.builds(lambda seed, count: rows_of(Random(seed), count), st.integers(0, 1 << 20), st.integers(0, 14))


def rows_of(dice: Random, count: int) -> tuple[Row, ...]:
    ids: list[str] = []
    records = []
    for _ in range(count):
        name = f"{dice.choice(AUTHORS)}/{dice.choice(_FAMILIES)}{dice.choice(_VERSIONS)}{dice.choice(_VARIANTS)}"
        name = name.replace(" ", "-")
        target: dict[str, Json] = {}
        if ids and dice.random() < 0.2:
            target = {"alias_target": {"slug": dice.choice(ids), "name": "Acme: Owl"}}
            name = f"~{dice.choice(AUTHORS)}/{dice.choice(_FAMILIES).split()[0]}-latest"
        if name not in ids:
            ids.append(name)
            records.append(_record(name, dice) | target)
    models = taken(answer(records)).models if records else ()
    return tuple(Row(model, REMOVED) if dice.random() < 0.2 else listed_row(model) for model in models)


def _record(name: str, dice: Random) -> dict[str, Json]:
    age = dice.choice(_AGES)
    return record(
        id=name,
        name=dice.choice(_NAMES),
        created=None if age is None else _AT - age,
        context_length=dice.choice(_COUNTS),
        architecture=architecture(_some(MODALITIES, dice), _some(MODALITIES, dice), tokenizer=dice.choice(TOKENIZERS)),
        top_provider=top_provider(max_completion_tokens=dice.choice(_COUNTS)),
        pricing=pricing(**{rate: price for rate in ("prompt", "completion") if (price := dice.choice(_PRICES))})
        if dice.random() < 0.9
        else {},
        supported_parameters=_some(PARAMETERS, dice),
        expiration_date=dice.choice(_EXPIRES),
    )


def _some(words: tuple[str, ...], dice: Random) -> list[str]:
    return dice.sample(words, dice.randint(0, len(words)))


def _words(*words: str) -> st.SearchStrategy[frozenset[str]]:
    folded = tuple(word.casefold() for word in (*words, "none", "nobody"))
    return st.frozensets(st.sampled_from(folded), min_size=1, max_size=2)


def _bounds(*values: str) -> st.SearchStrategy[Decimal]:
    return st.sampled_from(values).map(Decimal)


_DAYS = st.sampled_from((0, 1, 6, 7, 8, 399, 400))
_FILTERS: dict[str, st.SearchStrategy[object]] = {
    "q": st.sampled_from(SEARCHES),
    "ids": st.frozensets(st.sampled_from(("acme/owl", "acme/gpt-4o", "zoo/claude", "zoo/owl")), min_size=1),
    "model_authors": _words(*AUTHORS),
    "input_modalities": _words(*MODALITIES),
    "output_modalities": _words(*MODALITIES),
    "supported_parameters": _words(*PARAMETERS),
    "arch": _words("GPT", "Claude"),
    "variant": _words("free", "batch"),
    "price_state": st.frozensets(st.sampled_from(("free", "paid", "unknown", "dynamic")), min_size=1),
    "status": st.frozensets(st.sampled_from(("active", "expiring", "removed")), min_size=1),
    "context": st.sampled_from((0, 1, 200_000, 200_001, 10**12)),
    "min_price": _bounds("0", "0.4", "0.40000001", "2"),
    "max_price": _bounds("0", "0.4", "0.40000001", "2", "1000000"),
    "min_output_price": _bounds("0", "0.4", "2"),
    "max_output_price": _bounds("0", "0.4", "2"),
    "min_age_days": _DAYS,
    "max_age_days": _DAYS,
}


def filters() -> st.SearchStrategy[Query]:
    """Questions of up to three filters, without order and page."""
    one = st.sampled_from(sorted(_FILTERS)).flatmap(lambda name: st.tuples(st.just(name), _FILTERS[name]))
    return st.lists(one, max_size=3).map(lambda asked: msgspec.convert(dict(asked), Query))


def sorts() -> st.SearchStrategy[tuple[SortKey, ...]]:
    """None, one or several keys."""
    keys = st.builds(SortKey, st.sampled_from(Order), st.booleans())
    return st.lists(keys, max_size=3, unique_by=lambda key: key.order).map(tuple)
