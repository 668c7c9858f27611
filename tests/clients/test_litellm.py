"""LiteLLM with the exported cost map and the list in OpenAI's shape: it costs what the list says, to the last digit."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from tests.build import architecture, pricing, record
from tests.clients.asking import client
from tests.remembered import remembering
from tests.serving import TOKEN, Served

MODELS = [
    record(id="acme/owl-2", pricing=pricing(prompt="0.00000125", completion="0.00001")),
    # LiteLLM takes a dated id for the undated one, if it knows that already.
    record(id="acme/owl-2-2026-05-13", pricing=pricing(prompt="0.0000025", completion="0.00002")),
    record(id="acme/owl-2:free", pricing=pricing(prompt="0", completion="0")),
    record(id="fernweh/tern", pricing=pricing(prompt="0.000000000625", completion="0.0000000025")),
    record(id="fernweh/brush", architecture=architecture(("text",), ("image",))),
    record(id="fernweh/vectors", architecture=architecture(("text",), ("embeddings",))),
]
COSTS = [
    ("acme/owl-2", 8000, 500),
    ("acme/owl-2-2026-05-13", 8000, 500),
    ("acme/owl-2:free", 8000, 500),
    ("fernweh/tern", 16, 1024),
]
EXACT = {
    "acme/owl-2": ("0.01", "0.005"),
    "acme/owl-2-2026-05-13": ("0.02", "0.01"),
    "acme/owl-2:free": ("0", "0"),
    "fernweh/tern": ("0.00000001", "0.00000256"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    tmp = tmp_path_factory.mktemp("litellm")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, MODELS), public_mirror=True) as memory:
        yield memory.served


def test_litellm_costs_what_the_list_says_and_lists_what_it_shows(served: Served) -> None:
    seen = msgspec.json.decode(
        client("litellm", "litellm_use.py", {"url": served.url, "token": TOKEN, "costs": COSTS}),
        type=dict[str, msgspec.Raw],
    )
    costs = msgspec.json.decode(seen["costs"], type=dict[str, tuple[str, str]])
    assert {model: tuple(map(Decimal, amounts)) for model, amounts in costs.items()} == {
        model: tuple(map(Decimal, amounts)) for model, amounts in EXACT.items()
    }
    valid = msgspec.json.decode(seen["valid"], type=list[str])
    assert sorted(valid) == sorted(str(model["id"]) for model in MODELS[:5])
