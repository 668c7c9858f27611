"""A query string is read by the table of fields, strictly."""

from collections.abc import Mapping
from itertools import chain
from urllib.parse import quote_plus

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.errors import InvalidParameter
from llmanac.query.fields import (
    CHANGES_FIELDS,
    FILTER_FIELDS,
    HISTORY_FIELDS,
    LISTING_FIELDS,
    MODEL_FIELDS,
    SORT,
    Field,
    FieldKind,
    Operator,
)
from llmanac.query.parse import MAX_PARAMETERS, MAX_QUERY_CHARACTERS, parse_query
from llmanac.query.query import Query, read_query
from llmanac.query.read import check_value

COLOUR = Field("colour", ("red", "green"), "red", "A colour.", "green")
SIZE = Field("size", ("1", "2"), "1", "A size.", "2")
FIELDS = {field.name: field for field in (COLOUR, SIZE)}
OF_EACH_KIND = {
    name: Field(name, allowed, "", name, "", kind, at_least, at_most)
    for name, allowed, kind, at_least, at_most in (
        ("words", ("red", "green"), FieldKind.CHOICES, 0, 0),
        ("names", (), FieldKind.TEXTS, 0, 0),
        ("members", (), FieldKind.NAMES, 0, 0),
        ("look", (), FieldKind.SEARCH, 0, 0),
        ("seek", (), FieldKind.FORGIVING_SEARCH, 0, 0),
        ("any", (), FieldKind.IGNORED, 0, 0),
        ("at", (), FieldKind.MOMENT, 0, 0),
        ("count", (), FieldKind.WHOLE, 1, 9),
        ("share", (), FieldKind.DECIMAL, 0, 100),
        ("dollars", (), FieldKind.PRICE, 0, 100),
        ("after", (), FieldKind.CURSOR, 0, 0),
    )
} | {"order": msgspec.structs.replace(SORT, name="order")}


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
        ("members=,", "members: Expected 1 to 100 names of members with commas between", ""),
        ("members=id,pricing..prompt", "members: Expected 1 to 100 names", ""),
        ("members=a.b.c.d.e", "members: Expected 1 to 100 names", ""),
        (
            "order=price,most-popular",
            "order: Expected id, name",
            "How much a model is used is not in OpenRouter's list.",
        ),
        ("look=+-+/:", "look: Expected 1 to 16 words with letters or digits, in at most 200 characters", ""),
        ("look=" + "a+" * 17, "look: Expected 1 to 16 words", ""),
        ("look=" + "a" * 201, "look: Expected 1 to 16 words", ""),
        ("seek=" + "a+" * 17, "seek: Expected 1 to 16 words", ""),
        ("seek=" + "!" * 201, "seek: Expected 1 to 16 words", ""),
        ("order=prize", "order: Expected some of id, name", "Did you mean price?"),
        ("order=-newest", "order: Expected some of", "Did you mean newest?"),
        ("order=price,--id", "order: Expected some of", ""),
        ("order=relevance,price", "order: Expected some of", ""),
        ("dollars=1e3", "dollars: Expected an amount from 0 to 100 in plain digits", ""),
        ("dollars=.5", "dollars: Expected an amount", ""),
        ("dollars=-1", "dollars: Expected an amount", ""),
        ("dollars=100.0000000001", "dollars: Expected an amount from 0 to 100", ""),
        ("dollars=0." + "0" * 40 + "1", "dollars: Expected an amount", ""),
        ("dollars=0." + "1" * 63, "dollars: Expected an amount from 0 to 100 in plain digits, at most 64", ""),
        ("after=a%20b", "after: Expected a cursor as the page before gave it, got 'a b'", ""),
    ],
)
def test_a_value_of_each_kind_is_refused_with_what_is_expected(query: str, detail: str, hint: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        parse_query(query, OF_EACH_KIND)
    assert refusal.value.message.startswith(detail)
    assert hint in refusal.value.hint


def test_what_is_ignored_may_be_anything_and_may_come_twice() -> None:
    for query in ("any=", "any=%00", "any=1&any=2", "any=" + "x" * 5000):
        assert parse_query(query, OF_EACH_KIND).keys() == OF_EACH_KIND.keys()


@pytest.mark.parametrize("text", ["", "+", "%20%20", "!!!", "-/:.", "%E2%80%A6", "%F0%9F%A6%89"])
def test_a_forgiving_search_for_nothing_is_a_question_all_the_same(text: str) -> None:
    sought = parse_query(f"seek={text}", OF_EACH_KIND)["seek"]
    assert read_query({"q": sought}).narrows


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("prices=1", "Did you mean max_price, min_price or price_state?"),
        ("max_prize=1", "Did you mean max_price?"),
        ("modality=text", "Did you mean input_modalities or output_modalities?"),
        ("author=openai", "Did you mean model_authors?"),
        ("supported_params=tools", "Did you mean supported_parameters?"),
        ("sortby=price", "Did you mean sort?"),
        ("as-of=1", "Did you mean as_of?"),
        ("fid=1", ""),
        ("qq=owl", ""),
        ("page=2", ""),
        ("max_tokens=1", ""),
        ("facets=authors", "Did you mean author?"),
        ("status=expired", "Did you mean expiring?"),
    ],
)
def test_only_near_names_are_suggested(query: str, hint: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        parse_query(query, LISTING_FIELDS)
    assert refusal.value.hint == hint


CHANGED_BY = {*CHANGES_FIELDS} - {"order", "limit", "cursor"}
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


def test_every_filter_says_how_it_compares_and_every_number_its_unit() -> None:
    for field in chain(FILTER_FIELDS.values(), LISTING_FIELDS.values(), CHANGES_FIELDS.values()):
        assert (field.operator is not Operator.NONE) is (field.name in FILTER_FIELDS or field.name in CHANGED_BY), field
        assert bool(field.unit) is (field.kind in {FieldKind.WHOLE, FieldKind.PRICE, FieldKind.DECIMAL}), field


def test_every_filter_is_a_part_of_the_question() -> None:
    parts = set(Query.__struct_fields__)
    assert parts - {"sort", "offset", "limit"} == set(FILTER_FIELDS)
    assert parts < set(LISTING_FIELDS)


@pytest.mark.parametrize("cut", range(48, 58))
def test_no_part_of_a_secret_comes_back_wherever_the_message_cuts_the_text(cut: int) -> None:
    secret = "x" * cut + "lmn_" + "Secret" * 7
    for query in (f"as_of={secret}", f"{secret}=1"):
        with pytest.raises(InvalidParameter) as refusal:
            parse_query(query, LISTING_FIELDS)
        assert "S" not in refusal.value.message.replace("Serial", "").replace("Send", "")
        assert "S" not in (refusal.value.parameter or "")
