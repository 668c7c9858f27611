"""Equal content has one normal form, and nothing else has it."""

import json
from random import Random

from hypothesis import assume, example, given
from hypothesis import strategies as st

from llmanac.catalogue.record import members, normal_form
from tests.contract.oracle import Json, Number, parse
from tests.strategies import json_values, quick, spell, taken, throws


def same(one: Json, other: Json) -> bool:
    """Equal content by a reading of our own: integers by value, other numbers by their literal text."""
    if isinstance(one, Number) and isinstance(other, Number):
        return _read(one) == _read(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def _read(number: Number) -> int | str:
    return int(number.text) if number.text.lstrip("-").isdigit() else number.text


@quick
@given(json_values(), throws())
def test_white_space_escapes_and_order_of_members_leave_the_normal_form(value: Json, dice: Random) -> None:
    assert normal_form(spell(value, dice).encode()) == normal_form(spell(value).encode())


@quick
@given(json_values(4), json_values(4))
@example({"x": Number("1.5")}, {"x": {"": "1.5"}})
@example(Number("1"), Number("1.0"))
@example(Number("1"), "1")
@example(Number("1.0"), Number("1.00"))
@example(Number("9" * 30), Number("9" * 29 + "8"))
@example(None, {})
def test_two_values_have_one_normal_form_only_when_they_say_the_same(one: Json, other: Json) -> None:
    equal = normal_form(spell(one).encode()) == normal_form(spell(other).encode())
    assert equal == same(one, other)


@quick
@given(json_values(4), json_values(4), throws())
def test_models_have_equal_digests_exactly_when_their_records_have_one_normal_form(
    one: Json, other: Json, dice: Random
) -> None:
    def model(unknown: Json) -> tuple[bytes, bytes]:
        row: dict[str, Json] = {"id": "acme/owl", "new": unknown}
        found = taken(('{"data":[' + spell(row, dice) + "]}").encode()).models[0]
        return found.digest, normal_form(found.record)

    first, second = model(one), model(other)
    assert (first[0] == second[0]) == (first[1] == second[1])


@quick
@given(st.dictionaries(st.text(max_size=8), json_values(4), max_size=5), throws())
def test_members_come_apart_without_losing_a_byte_of_any(value: dict[str, Json], dice: Random) -> None:
    text = spell(value, dice)
    found = members(text.encode())
    assert list(found) == list(json.loads(text))
    for name, raw in found.items():
        assert raw in text.encode()
        assert same(parse(raw), value[name])


def test_of_doubled_members_the_last_one_counts() -> None:
    assert members(b'{"a": 1, "b": 2, "a": 3}') == {"a": b"3", "b": b"2"}
    assert normal_form(b'{"a": 1, "a": 3}') == normal_form(b'{"a": 3}')


@quick
@given(json_values())
def test_a_normal_form_is_its_own_normal_form_unless_it_holds_a_fraction(value: Json) -> None:
    text = spell(value).encode()
    assume(not any(mark in text for mark in (b".", b"e", b"E")))
    assert normal_form(normal_form(text)) == normal_form(text)
