"""Picking members of a model: what is picked is what was there, byte for byte and in its order."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.catalogue.record import members
from llmanac.errors import InvalidParameter
from llmanac.query.read import read_paths
from llmanac.render.picked import check_paths, pick, read_plan
from tests.strategies import quick

WHOLE = b'{"id":"acme/owl","pricing":{"prompt":"0.10","completion":"1e-7","odd":{"deep":[1.50,{"a":1}]}},"limits":null}'
NAMES = st.sampled_from("abc")
TREES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=2)),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4).map(tuple), max_size=5)


def picked(names: str) -> bytes:
    return pick(WHOLE, read_plan(read_paths(names)))


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ("id", b'{"id":"acme/owl"}'),
        ("limits,id", b'{"id":"acme/owl","limits":null}'),
        ("pricing.completion,pricing.prompt", b'{"pricing":{"prompt":"0.10","completion":"1e-7"}}'),
        ("pricing.odd.deep", b'{"pricing":{"odd":{"deep":[1.50,{"a":1}]}}}'),
        ("pricing.odd.other", b'{"pricing":{"odd":{}}}'),
        ("limits.tokens", b'{"limits":null}'),
        ("nothing", b"{}"),
    ],
)
def test_only_what_is_named_is_there_by_its_literal_text(names: str, wanted: bytes) -> None:
    assert picked(names) == wanted


def chosen(tree: object, paths: list[tuple[str, ...]]) -> object:
    """The same, on values."""
    if not isinstance(tree, dict) or () in paths:
        return tree
    inside = {name: [path[1:] for path in paths if path[0] == name] for name in tree}
    return {name: chosen(value, inside[name]) for name, value in tree.items() if inside[name]}


@quick
@given(st.dictionaries(NAMES, TREES, max_size=3), PATHS)
def test_picking_chooses_by_name_and_keeps_the_order(tree: dict[str, object], paths: list[tuple[str, ...]]) -> None:
    found = pick(json.dumps(tree).encode(), read_plan(paths))
    wanted = chosen(tree, paths)
    assert json.loads(found) == wanted
    assert isinstance(wanted, dict)
    assert list(members(found)) == list(wanted)


def test_a_member_of_any_model_is_known_and_models_are_read_only_until_it_was_seen() -> None:
    left = iter((b'{"id":"a"}', WHOLE, b'{"id":"b"}'))
    check_paths([("pricing", "prompt"), ("limits",)], left)
    assert [*left] == [b'{"id":"b"}']
    check_paths([("pricing", "prompt"), ("id",)], ())
    with pytest.raises(InvalidParameter, match=r"got 'limits'; there are architecture, context_length, .*, odd, .*"):
        check_paths([("limits",)], (b'{"id":"a"}', b'{"id":"b","odd":1}'))


def test_a_member_of_the_contract_is_known_though_no_model_states_it() -> None:
    check_paths([("pricing", "image"), ("architecture", "instruct_type"), ("created",)], (b'{"id":"a","pricing":{}}',))
    with pytest.raises(InvalidParameter, match=r"pricing has completion, image, .*, prompt, request, web_search$"):
        check_paths([("pricing", "imaeg")], (b'{"id":"a","pricing":{}}',))


def test_nothing_is_refused_of_a_list_without_models() -> None:
    check_paths([("whatever",)], ())
