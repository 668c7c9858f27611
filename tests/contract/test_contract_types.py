"""Whatever upstream sends, each member of the default view has the contract's type or is left out; none is null."""

import json
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.catalogue import Origin, make_catalogue
from llmanac.catalogue.ids import Serial
from llmanac.render.answer import render_listing
from llmanac.render.listing import View
from tests.build import Record, answer, record
from tests.contract.contract_types import wrong_types
from tests.contract.oracle import Json
from tests.shared_data import RealList, real_lists
from tests.strategies import good_rows, junk_rows, page, quick_lists, spell, taken
from tests.upstream_simulator import make_records


def listing(body: bytes, view: View = View.LISTED) -> bytes:
    catalogue = make_catalogue(taken(body), serial=Serial(1), origin=Origin.FETCHED)
    return render_listing(catalogue, configured=True, hide_unconfigured=False, view=view)


@pytest.mark.real_lists
@pytest.mark.parametrize("real", real_lists(), ids=str)
def test_every_real_list_has_the_contracts_types(real: RealList) -> None:
    assert wrong_types(listing(real.raw())) == []


@quick_lists
@given(good_rows(), st.lists(junk_rows(), max_size=3))
def test_any_rows_have_the_contracts_types(rows: list[Json], junk: list[str]) -> None:
    assert wrong_types(listing(page([*map(spell, rows), *junk]))) == []


def test_invented_records_of_every_kind_have_the_contracts_types() -> None:
    body = listing(msgspec.json.encode({"data": make_records(90, seed=7)}))
    assert wrong_types(body) == []
    assert len(json.loads(body)["text"][0]["models"]) > 50


WHOLE = record()
MODEL = ("text", 0, "models", 0)


def shown(sent: Record) -> dict[str, Any]:
    model: dict[str, Any] = json.loads(listing(answer([sent])))["text"][0]["models"][0]
    return model


@pytest.mark.parametrize("name", ["name", "created", "context_length"])
def test_a_scalar_that_upstream_does_not_state_is_left_out(name: str) -> None:
    without = {key: value for key, value in WHOLE.items() if key != name}
    rest = {key: value for key, value in shown(WHOLE).items() if key != name}
    assert name in shown(WHOLE)
    assert shown(without) == shown({**without, name: None}) == rest


def test_objects_stay_when_nothing_in_them_is_stated() -> None:
    bare = json.loads(listing(b'{"data": [{"id": "a/b"}]}'))["text"][0]["models"]
    assert bare == [
        {
            "id": "a/b",
            "description": "",
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "topProvider": {},
            "pricing": {},
            "per_request_limits": {},
            "supported_parameters": [],
        }
    ]


def test_zero_dynamic_and_not_stated_are_three_things() -> None:
    assert shown(record(pricing={"prompt": "0", "completion": "-1", "image": None}))["pricing"] == {
        "prompt": "0",
        "completion": "-1",
    }


def test_the_full_view_has_every_member_and_null_for_what_is_not_stated() -> None:
    full = json.loads(listing(b'{"data": [{"id": "a/b"}]}', View.FULL))["text"][0]["models"][0]
    assert full["architecture"] == {
        "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": None, "instruct_type": None,
    }  # fmt: skip
    assert full["topProvider"] == dict.fromkeys(("is_moderated", "context_length", "max_completion_tokens"))
    assert set(full["pricing"].values()) == {None}
    assert [full[name] for name in ("name", "created", "context_length", "max_completion_tokens")] == [None] * 4
    assert (full["description"], full["per_request_limits"]) == ("", {})


def members(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member of an object, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield (*path, name)
        yield from members(inner, (*path, name))


ANSWER = json.loads(listing(answer([WHOLE])))
REQUIRED = {"id", "description", "architecture", "topProvider", "pricing", "per_request_limits", "supported_parameters"}


def put(path: tuple[Any, ...], value: object) -> Callable[[Any], None]:
    return lambda answer: reduce(lambda tree, name: tree[name], path[:-1], answer).__setitem__(path[-1], value)


def wrong_after(change: Callable[[Any], object]) -> list[str]:
    changed = json.loads(json.dumps(ANSWER))
    change(changed)
    return wrong_types(json.dumps(changed).encode())


@pytest.mark.parametrize("path", list(members(ANSWER)), ids=lambda path: ".".join(map(str, path)))
def test_no_member_may_be_null_or_of_another_type(path: tuple[Any, ...]) -> None:
    assert wrong_after(lambda _: None) == []
    assert wrong_after(put(path, None))
    assert wrong_after(put(path, 0.5))


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_a_required_member_may_not_be_missing_nor_an_unknown_one_be_there(name: str) -> None:
    assert wrong_after(lambda answer: answer["text"][0]["models"][0].pop(name))
    assert wrong_after(put((*MODEL, f"{name}_too"), ""))
