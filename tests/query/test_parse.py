"""A query string is read by the table of fields, strictly."""

from collections.abc import Mapping
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.errors import InvalidParameter
from llmanac.query.fields import CHANGES_FIELDS, HISTORY_FIELDS, LISTING_FIELDS, MODEL_FIELDS, Field, FieldKind
from llmanac.query.parse import MAX_PARAMETERS, MAX_QUERY_CHARACTERS, parse_query
from llmanac.query.read import check_value

COLOUR = Field("colour", ("red", "green"), "red", "A colour.", "green")
SIZE = Field("size", ("1", "2"), "1", "A size.", "2")
FIELDS = {field.name: field for field in (COLOUR, SIZE)}
OF_EACH_KIND = {
    name: Field(name, allowed, "", name, "", kind, *bounds)
    for name, allowed, kind, *bounds in (
        ("words", ("red", "green"), FieldKind.CHOICES),
        ("names", (), FieldKind.TEXTS),
        ("at", (), FieldKind.MOMENT),
        ("count", (), FieldKind.WHOLE, 1, 9),
        ("share", (), FieldKind.DECIMAL, 0, 100),
        ("after", (), FieldKind.CURSOR),
    )
}


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


@pytest.mark.parametrize(
    ("query", "detail", "hint"),
    [
        ("words=red,gren", "words: Expected some of red, green, with commas between, got 'red,gren'", "green"),
        ("words=,", "words: Expected some of red, green, with commas between, got ','", ""),
        ("at=tomorrow", "at: Expected an instant such as", ""),
        ("at=2026-02-30", "at: Expected an instant that exists", ""),
        ("count=0", "count: Expected a whole number from 1 to 9, got '0'", ""),
        ("count=1_0", "count: Expected a whole number from 1 to 9, got '1_0'", ""),
        ("share=0.123", "share: Expected a number from 0 to 100 with up to two decimals, got '0.123'", ""),
        ("share=-1", "share: Expected a number from 0 to 100", ""),
        ("names=" + "a," * 101, "names: Expected 1 to 100 words with commas between", ""),
        ("after=a%20b", "after: Expected a cursor as the page before gave it, got 'a b'", ""),
    ],
)
def test_a_value_of_each_kind_is_refused_with_what_is_expected(query: str, detail: str, hint: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        parse_query(query, OF_EACH_KIND)
    assert refusal.value.message.startswith(detail)
    assert hint in refusal.value.hint


EVERY_TABLE = (LISTING_FIELDS, MODEL_FIELDS, CHANGES_FIELDS, HISTORY_FIELDS)


@pytest.mark.parametrize("table", EVERY_TABLE, ids=["listing", "model", "changes", "history"])
def test_the_tables_defaults_and_examples_are_allowed_values(table: Mapping[str, Field]) -> None:
    assert parse_query("", table) == {name: field.default for name, field in table.items()}
    for name, field in table.items():
        assert field.name == name
        assert field.help
        check_value(field, field.example)
        if field.default:
            check_value(field, field.default)
