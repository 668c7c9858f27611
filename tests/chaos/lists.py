"""Lists that tell which one they are: the version is in every name, so a torn or mixed list shows.

A list is a function of its version alone. From one to the next the set of models changes, some prices, every name, and
what others measured of some models.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from tests.upstream_exchange import SeenRequest
from tests.upstream_records import make_records

MODELS = 48
ABSENT_EVERY = 8
REPRICED_EVERY = 5
MEASURED_EVERY = 3
MARK = " · v"

BASE = make_records(MODELS, seed=3)

Shown = tuple[str, str, object, object]
"""Of one model in an answer: id, name, price of prompt and completion."""


class TornError(Exception):
    """What should be one of the lists is none of them."""


class ChangingLists:
    """What the simulator serves: at every request the next version, which is what makes every sync a new Serial."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served = 0

    @property
    def served(self) -> int:
        """The newest version any request has got; versions begin at one."""
        with self._lock:
            return self._served

    def next(self, _: SeenRequest) -> list[dict[str, object]]:
        with self._lock:
            self._served += 1
            version = self._served
        return rows_at(version)

    def identify(self, body: bytes) -> int:
        """The version that an answer of `GET /api/ai/models` shows.

        Raises:
            TornError: It is not exactly one of the lists that were served; the message says how it differs.
        """
        try:
            answer = json.loads(body)
            shown = {kind: [_shown(model) for model in answer[kind][0]["models"]] for kind in ("text", "image")}
        except (ValueError, LookupError, TypeError) as problem:
            raise TornError(f"an answer of {len(body)} bytes is no listing: {problem!r}: {body[:200]!r}") from problem
        version = self._marked([name for models in shown.values() for _, name, *_ in models])
        for kind, models in shown.items():
            _compare(version, kind, expected_at(version)[kind], models)
        return version

    def identify_rows(self, rows: Sequence[Mapping[str, object]]) -> int:
        """The same for upstream's own rows, which must be equal to what was served."""
        version = self._marked([str(row["name"]) for row in rows])
        if list(rows) != rows_at(version):
            raise TornError(f"rows marked as version {version} are not those that were served")
        return version

    def _marked(self, names: Sequence[str]) -> int:
        versions = {int(mark) if mark.isdigit() else -1 for mark in (name.rpartition(MARK)[2] for name in names)}
        if len(versions) != 1:
            raise TornError(f"expected the names of one version, got those of {sorted(versions)}")
        version = versions.pop()
        if not 0 < version <= self.served:
            raise TornError(f"expected one of the versions 1 to {self.served}, got {version}")
        return version


def rows_at(version: int) -> list[dict[str, object]]:
    """Upstream's rows in a version."""
    return [_at(version, index, row) for index, row in enumerate(BASE) if (index + version) % ABSENT_EVERY]


def _at(version: int, index: int, row: Mapping[str, object]) -> dict[str, object]:
    changed = {**row, "name": f"{row['name']}{MARK}{version}"}
    if index % MEASURED_EVERY == 0:
        changed["benchmarks"] = {"elo": version}
    pricing = row["pricing"]
    assert isinstance(pricing, dict)
    if index % REPRICED_EVERY == version % REPRICED_EVERY and pricing["prompt"] not in ("0", "-1"):
        # One more digit at the end: never a tenth more, so that the guard has nothing to say.
        changed["pricing"] = {**pricing, "prompt": f"{pricing['prompt']}{version % 9 + 1}"}
    return changed


@lru_cache(maxsize=256)
def expected_at(version: int) -> dict[str, list[Shown]]:
    """What an answer has to show of a version, worked out from the rows by the contract's words."""
    kinds: dict[str, list[Shown]] = {"text": [], "image": []}
    for row in rows_at(version):
        architecture = row["architecture"]
        assert isinstance(architecture, dict)
        for kind, models in kinds.items():
            if kind in architecture["output_modalities"]:
                models.append(_shown(row))
    return kinds


def _shown(model: Mapping[str, object]) -> Shown:
    pricing = model["pricing"]
    if not isinstance(pricing, dict):
        raise TypeError(f"pricing is {pricing!r}")
    return str(model["id"]), str(model["name"]), *itemgetter("prompt", "completion")(pricing)


def _compare(version: int, kind: str, expected: Sequence[Shown], seen: Sequence[Shown]) -> None:
    if list(expected) != list(seen):
        missing = [model[0] for model in expected if model not in seen]
        surplus = [model[0] for model in seen if model not in expected]
        raise TornError(f"{kind} list of version {version}: {missing=}, {surplus=}, or another order")
