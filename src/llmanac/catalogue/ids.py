"""Names of things: `ModelId` and `Serial`, and what can be read from an id alone."""

from typing import NewType

ModelId = NewType("ModelId", str)
"""`author/slug[:variant]`, or `~author/family-latest` for an alias. Any characters upstream chose."""

Serial = NewType("Serial", int)
"""The number of a saved change set: the version of everything. 0 is the bundle, which is never saved."""

NO_SERIAL = Serial(0)


def author_of(model: ModelId) -> str:
    """Who made the model: what stands before the first `/`, without an alias's `~`; `""` when there is no `/`."""
    author, slash, _ = model.partition("/")
    return author.removeprefix("~") if slash else ""


def variant_of(model: ModelId) -> str | None:
    """What stands after the `:` of the slug (`free`, `batch`, `thinking` …), or None."""
    _, colon, variant = model.partition(":")
    return variant if colon else None


def is_alias(model: ModelId) -> bool:
    """Whether the id is one of OpenRouter's `~…` names that point at another model."""
    return model.startswith("~")
