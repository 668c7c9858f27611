"""Records as no upstream should send them: any names, any types, and price entries of every kind."""

from hypothesis import strategies as st

from tests.contract.oracle import Json, Number
from tests.strategies import json_values

ODD_NAMES = (
    "",
    ".",
    "a.b",
    "[",
    "x]",
    "a&b",
    "a=b",
    "#2",
    "\0",
    "\\",
    "\\0",
    "\\e",
    "order",
    "overrides",
    "+",
    "é\n",
    "*",
    "\\*",
    "é" * 300,
)
"""Names with what divides a path, and one that is too long for a field."""

_NUMBERS = ("0", "1", "30", "1600", "2400", "2359", "200000", "32000", "25804.8", "-1", "1e3", "9" * 40)
_DAYS = ("monday", "tuesday", "saturday", "sunday", "SUNDAY", "")
_PRICES = ("0", "-1", "0.10", "0.1", "1e-7", "0.0000006000000000000001", "0.0000006")


def odd_records() -> st.SearchStrategy[dict[str, Json]]:
    """A record with pricing and some other members, one of them volatile at times."""
    members = st.dictionaries(
        st.sampled_from(("architecture", "top_provider", "default_parameters", "alias_target", "benchmarks", "pricing"))
        | names(),
        json_values(6),
        max_size=5,
    )
    return st.builds(lambda rest, pricing: {**rest, **pricing}, members, st.just({}) | _with_pricing())


def names() -> st.SearchStrategy[str]:
    """Names with everything in them that a path is divided by."""
    return st.sampled_from(ODD_NAMES) | st.text(alphabet='ab.[]&=#\\\0"é', max_size=5)


def entries() -> st.SearchStrategy[list[Json]]:
    """Entries of `pricing.overrides`, from the same few conditions and rates, so that some stand twice."""
    numbers: st.SearchStrategy[Json] = st.sampled_from(_NUMBERS).map(Number)
    days: st.SearchStrategy[Json] = st.lists(st.sampled_from(_DAYS), max_size=3).map(lambda words: [*words])
    long: st.SearchStrategy[Json] = st.just("a long story " * 50)
    known = st.fixed_dictionaries(
        {},
        optional={
            "min_prompt_tokens": numbers,
            "utc_days": days | json_values(2),
            "utc_start": numbers,
            "utc_end": numbers | json_values(1),
            "region": json_values(2) | long,
        },
    )
    unknown = st.dictionaries(names(), json_values(2), max_size=1)
    rates = st.dictionaries(st.sampled_from(("prompt", "completion", *ODD_NAMES)), prices(), max_size=2)
    return st.lists(st.builds(lambda *parts: parts[0] | parts[1] | parts[2], known, unknown, rates), max_size=4)


def prices() -> st.SearchStrategy[Json]:
    """Texts of prices, some of them the same price."""
    return st.sampled_from(_PRICES)


def _with_pricing() -> st.SearchStrategy[dict[str, Json]]:
    overrides = entries() | json_values(3)
    rates = st.dictionaries(st.sampled_from(("prompt", "request", *ODD_NAMES)), prices() | json_values(1), max_size=3)
    return st.builds(
        lambda base, conditional: {"pricing": {**base, **conditional}},
        rates,
        st.just({}) | overrides.map(lambda value: {"overrides": value}),
    )
