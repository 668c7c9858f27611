"""The cases worked out by hand in `tests/data/cost/*.toml`, and how to price one."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import cast

import msgspec

from llmanac.catalogue.model import Model
from llmanac.cost.workload import Workload
from tests.build import Json, answer, architecture, record
from tests.strategies import taken

NOW = datetime(2026, 10, 26, 4, tzinfo=UTC)
"""A Monday, four in the morning."""

_DATA = Path(__file__).resolve().parents[1] / "data" / "cost"
_SUM = re.compile(r"(?P<left>.+) = (?P<right>[0-9.]+)")


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """One case; amounts and quantities are plain digits."""

    name: str
    pricing: dict[str, object]
    lines: list[tuple[str, str, str, str]]
    """Rate, price as upstream sent it, quantity, amount."""
    arithmetic: str
    workload: dict[str, object] = {}
    stream: list[dict[str, object]] | None = None
    total: str | None = None
    known_total: str | None = None
    missing: list[tuple[str, str]] = []
    assumed: list[str] = []
    id: str = "acme/owl-2"
    dated: str | None = None
    """The day of the real record that `pricing` is."""
    gives: tuple[str, ...] = ("text",)
    alias_target: dict[str, str] | None = None
    now: datetime = NOW
    conditions: list[int] | None = None
    """Per line the place of the override it came from; -1 is the base price."""
    units: list[str] | None = None
    why: str | None = None
    """Of the first line."""
    detail: str = ""
    """Part of what is said of the first thing missing."""

    @property
    def model(self) -> Model:
        """The invented record of the case, decoded."""
        if self.alias_target is None:
            return model(self.pricing, name=self.id, gives=self.gives)
        return model(self.pricing, name=self.id, gives=self.gives, alias_target={**self.alias_target})

    @property
    def workloads(self) -> list[Workload]:
        """One, or those of the stream."""
        return [msgspec.convert(part, Workload) for part in self.stream or [self.workload]]


def cases() -> list[Case]:
    """All of them, file by file."""
    found = [tomllib.loads(path.read_text(encoding="utf-8"))["case"] for path in sorted(_DATA.glob("*.toml"))]
    return [msgspec.convert(case, Case) for file in found for case in file]


def model(
    pricing: Mapping[str, object], *, name: str = "acme/owl-2", gives: Sequence[str] = ("text",), **members: Json
) -> Model:
    """A model with these prices, from a record of OpenRouter's shape."""
    listed = record(id=name, architecture=architecture(outputs=gives), **members)
    listed["pricing"] = cast("Json", pricing)
    return taken(answer([listed])).models[0]


def wrong_sums(arithmetic: str) -> list[str]:
    """The lines of an arithmetic that are not true: sums, differences or products of decimal numbers."""
    return [line for line in arithmetic.strip().splitlines() if not _holds(line)]


def results(arithmetic: str) -> set[Fraction]:
    """What its lines come to."""
    return {Fraction(line.rpartition(" = ")[2]) for line in arithmetic.strip().splitlines()}


def _holds(line: str) -> bool:
    found = _SUM.fullmatch(line)
    if found is None:
        return False
    first, *rest = re.split(r" ([×+-]) ", found["left"])
    value = Fraction(first)
    for sign, number in zip(rest[::2], rest[1::2], strict=True):
        term = Fraction(number)
        value = value * term if sign == "×" else value + term if sign == "+" else value - term
    return value == Fraction(found["right"])
