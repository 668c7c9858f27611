"""A query string is read by the table of fields, strictly."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.errors import InvalidParameter
from llmanac.query.fields import LISTING_FIELDS, Field
from llmanac.query.parse import MAX_PARAMETERS, MAX_QUERY_CHARACTERS, parse_query

COLOUR = Field("colour", ("red", "green"), "red", "A colour.", "green")
SIZE = Field("size", ("1", "2"), "1", "A size.", "2")
FIELDS = {field.name: field for field in (COLOUR, SIZE)}


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", {"colour": "red", "size": "1"}),
        ("colour=green", {"colour": "green", "size": "1"}),
        ("size=2&colour=green", {"colour": "green", "size": "2"}),
        ("&&size=2&", {"colour": "red", "size": "2"}),
        ("c%6Flour=gr%65en", {"colour": "green", "size": "1"}),
    ],
)
def test_what_is_not_asked_has_its_default(query: str, values: dict[str, str]) -> None:
    assert parse_query(query, FIELDS) == values


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("color=red", "Did you mean colour?"),
        ("siez=1", "Did you mean size?"),
        ("colour=gren", "Did you mean green?"),
        ("colour=", ""),
        ("zebra=1", ""),
        ("size=2&size=2", "Send size once."),
    ],
)
def test_a_wrong_name_or_value_is_refused_and_near_ones_are_suggested(query: str, hint: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        parse_query(query, FIELDS)
    assert refusal.value.hint == hint


@given(st.text(), st.text())
def test_only_the_tables_names_and_values_pass(name: str, value: str) -> None:
    try:
        query = f"{quote_plus(name)}={quote_plus(value)}"
    except UnicodeEncodeError:
        return
    if name in FIELDS and value in FIELDS[name].allowed:
        assert parse_query(query, FIELDS)[name] == value
    else:
        with pytest.raises(InvalidParameter):
            parse_query(query, FIELDS)


@given(st.text())
def test_no_query_breaks_the_reading(query: str) -> None:
    refusal = None
    try:
        assert set(parse_query(query, FIELDS)) == set(FIELDS)
    except InvalidParameter as raised:
        refusal = raised
    assert refusal is None or len(refusal.message) < 1000, "a message shows the beginning of what was sent"


def test_the_limits_hold_at_their_bounds() -> None:
    pairs = "&".join(["size=1"] + ["x=1"] * (MAX_PARAMETERS - 1))
    with pytest.raises(InvalidParameter, match="Unknown parameter 'x'"):
        parse_query(pairs, FIELDS)
    with pytest.raises(InvalidParameter, match=f"at most {MAX_PARAMETERS} parameters"):
        parse_query(pairs + "&x=1", FIELDS)
    assert parse_query("&" * (MAX_PARAMETERS - 1), FIELDS)
    with pytest.raises(InvalidParameter, match=f"at most {MAX_QUERY_CHARACTERS} characters"):
        parse_query("x" * (MAX_QUERY_CHARACTERS + 1), FIELDS)


@pytest.mark.parametrize("field", LISTING_FIELDS.values(), ids=LISTING_FIELDS)
def test_the_tables_defaults_and_examples_are_allowed_values(field: Field) -> None:
    assert LISTING_FIELDS[field.name] is field
    assert field.default in field.allowed
    assert field.example in field.allowed
    assert field.help
