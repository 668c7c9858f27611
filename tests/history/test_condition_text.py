"""The text of conditions in a field's path is exact and reads well."""

import json

import pytest
from hypothesis import given

from llmanac.catalogue.record import normal_form
from llmanac.history.fields import conditions_of_text, conditions_text, natural_key
from llmanac.pricing.conditions import split_entry
from tests.build import Json as Plain
from tests.contract.oracle import Json
from tests.history.odd_records import entries
from tests.strategies import quick, spell


def raw(**members: Plain) -> dict[str, bytes]:
    return {name: json.dumps(value).encode() for name, value in members.items()}


@quick
@given(entries())
def test_the_text_of_conditions_gives_them_back(found: list[Json]) -> None:
    for entry in found:
        assert isinstance(entry, dict)
        conditions, _ = split_entry({name: spell(value).encode() for name, value in entry.items()})
        text = conditions_text(conditions)
        assert conditions_of_text(text) == {name: normal_form(value) for name, value in conditions.items()}
        assert "\0" not in text


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        (raw(), ""),
        (raw(min_prompt_tokens=200000), "min_prompt_tokens=200000"),
        (raw(utc_end=1630, utc_start=30), "utc_start=30&utc_end=1630"),
        (
            raw(utc_end=100, utc_start=0, utc_days=["saturday", "sunday"]),
            "utc_days=saturday+sunday&utc_start=0&utc_end=100",
        ),
        (raw(zone={"b": 1, "a": "x"}, min_prompt_tokens=1), 'min_prompt_tokens=1&zone={"a":"x","b":1}'),
        (raw(utc_days=["holiday"]), r'utc_days=["holiday"\]'),
        (raw(region="eu&us"), r'region="eu\&us"'),
    ],
)
def test_a_text_names_known_conditions_first_and_reads_well(conditions: dict[str, bytes], text: str) -> None:
    assert conditions_text(conditions) == text


def test_numbers_in_texts_sort_by_their_size() -> None:
    texts = ["min_prompt_tokens=200000", "min_prompt_tokens=32000", "min_prompt_tokens=0400", "utc_start=30"]
    assert sorted(texts, key=natural_key) == [texts[2], texts[1], texts[0], texts[3]]
