"""One server with a memory for all tests of a module that only read."""

from collections.abc import Iterator

import pytest

from tests.build import Record, architecture, pricing, record, records
from tests.remembered import Memory, remembering

EARLIER: list[Record] = [
    *records(4),
    record(id="acme/gone"),
    record(id="acme/owl:free", pricing=pricing(prompt="0", completion="0")),
]
LISTED: list[Record] = [
    record(id="~acme/owl-latest", alias_target={"slug": "acme/owl-4", "name": "Acme: Owl 4"}),
    record(id="~acme/lost-latest", alias_target={"slug": "acme/lost", "name": "Acme: Lost"}),
    *records(4),
    record(id="acme/owl:free", pricing=pricing(prompt="0", completion="0"), canonical_slug="acme/owl-20261021"),
    record(id="acme/brush", architecture=architecture(("text",), ("image",)), benchmarks={"design_arena": []}),
    record(id="acme/both", architecture=architecture(("text", "image"), ("text", "image"))),
    record(id="acme/vectors", architecture=architecture(("text",), ("embeddings",))),
    record(id="fernweh/übersee-1", pricing=pricing(prompt="-1", completion="-1")),
    record(id="bare/old", created=None, supported_parameters=None, links=None),
]
TEXT = [str(model["id"]) for model in LISTED if model["id"] not in ("acme/brush", "acme/vectors")]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Two lists, the second served; nothing is synced any more."""
    tmp = tmp_path_factory.mktemp("dialects")
    with remembering(f"sqlite:///{tmp / 'llmanac.db'}", tmp, (0, EARLIER), (24, LISTED)) as remembered:
        yield remembered
