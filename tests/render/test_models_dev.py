"""models.dev's shape: what it demands, and what it has no word for."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from tests.build import architecture, record, top_provider
from tests.exports.billing import Exact, list_of, object_of
from tests.exports.maps import models_dev, models_dev_of
from tests.shared_data import facts
from tests.strategies import taken

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MODALITIES = {"text", "audio", "image", "video", "pdf"}


def _texts(allowed: set[str]) -> Callable[[Exact], bool]:
    return lambda value: set(map(str, list_of(value))) <= allowed


def _is(*kinds: type) -> Callable[[Exact], bool]:
    return lambda value: isinstance(value, kinds)


def _day(value: Exact) -> bool:
    return bool(DAY.fullmatch(str(value)))


DEMANDED: Mapping[str, Callable[[Exact], bool]] = {
    "id": _is(str),
    "name": lambda value: isinstance(value, str) and value != "",
    "attachment": _is(bool),
    "reasoning": _is(bool),
    "tool_call": _is(bool),
    "open_weights": _is(bool),
    "release_date": _day,
    "last_updated": _day,
}
"""Members that models.dev's schema wants of every model (August 2026), beside `modalities` and `limit`."""

ALLOWED = {
    *DEMANDED,
    "modalities",
    "limit",
    "cost",
    "temperature",
    "structured_output",
    "knowledge",
    "reasoning_options",
}


@pytest.mark.real_lists
def test_every_real_model_has_what_the_shape_demands_and_nothing_else() -> None:
    every = models_dev_of(taken(facts().raw()).models)
    assert len(every) > 400
    for name, model in every.items():
        assert model["id"] == name
        assert set(model) <= ALLOWED
        for member, fits in DEMANDED.items():
            assert fits(model[member]), (name, member)
        for side in object_of(model["modalities"]).values():
            assert _texts(MODALITIES)(side), name
        assert all(isinstance(limit, Decimal) for limit in object_of(model["limit"]).values()), name
        cost = object_of(model.get("cost", {}))
        assert not cost or {"input", "output"} <= set(cost), name
        assert model["reasoning"] or "reasoning" not in cost, name


def test_a_whole_model() -> None:
    sent = record(
        id="acme/owl",
        architecture=architecture(("text", "file"), ("text",)),
        supported_parameters=["tools", "temperature", "reasoning"],
        reasoning={"mandatory": False, "supported_efforts": ["high", "low", "galactic"]},
        hugging_face_id="acme/owl",
    )
    assert models_dev(sent)["acme/owl"] == {
        "id": "acme/owl",
        "name": "Acme: Owl 2",
        "attachment": True,
        "reasoning": True,
        "tool_call": True,
        "structured_output": False,
        "temperature": True,
        "reasoning_options": [{"type": "toggle"}, {"type": "effort", "values": ["high", "low"]}],
        "knowledge": "2026-03",
        "release_date": "2026-10-21",
        "last_updated": "2026-10-21",
        "modalities": {"input": ["text", "pdf"], "output": ["text"]},
        "open_weights": True,
        "cost": {"input": Decimal("0.4"), "output": 2, "cache_read": Decimal("0.04")},
        "limit": {"context": 262_144, "output": 65_536},
    }


def test_limits_that_are_not_known_are_zero_and_what_is_optional_is_left_out() -> None:
    sent = record(
        id="acme/owl", name=None, context_length=None, top_provider=top_provider(max_completion_tokens=None),
        knowledge_cutoff="some day",
    )  # fmt: skip
    del sent["supported_parameters"]
    model = models_dev(sent)["acme/owl"]
    assert model["limit"] == {"context": 0, "output": 0}
    assert model["name"] == "acme/owl"
    assert not model.keys() & {"temperature", "structured_output", "knowledge", "reasoning_options"}


@pytest.mark.parametrize("outputs", [("embeddings",), ("rerank",), ("decisions",)])
def test_a_model_that_gives_what_the_shape_has_no_word_for_is_left_out(outputs: tuple[str, ...]) -> None:
    assert models_dev(record(id="acme/owl", architecture=architecture(outputs=outputs))) == {}


def test_a_model_without_a_first_day_is_left_out() -> None:
    assert models_dev(record(id="acme/egg", created=None)) == {}
