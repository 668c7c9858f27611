"""The refusal of a model that no list has."""

from collections.abc import Iterable, Mapping

from llmanac.catalogue.ids import ModelId
from llmanac.errors import NotFound, redact

_MAX_NEAR = 3
_SHOWN_CHARACTERS = 80
_LEAST_ALIKE = 0.6
"""Of all characters of both ids, the share that both have in the same order."""


class UnknownModel(NotFound):
    """No list that was asked for has or had such a model. `near`: at most three ids like it, the likest first."""

    code = "MODEL_UNKNOWN"

    def __init__(self, model: ModelId, known: Iterable[ModelId], *, when: str = "") -> None:
        """Takes some 0.2 ms to look for near ids among 700.

        Args:
            when: What the message says of the time that was asked for.
        """
        self.near = near_ids(model, known)
        # A hint may be read on a terminal, which upstream's characters must not steer.
        words = " or ".join(each if each.isprintable() else repr(each) for each in self.near)
        hint = f"Did you mean {words}?" if words else "GET /api/ai/models and `llmanac list` show every model."
        # What is secret is blacked out before the rest is cut: the beginning of a token does not look like one.
        super().__init__(f"There is no model {redact(model)[:_SHOWN_CHARACTERS]!r}{when}", hint=hint)

    @property
    def members(self) -> Mapping[str, object]:
        """`near`."""
        return {"near": self.near}


def near_ids(model: ModelId, known: Iterable[ModelId]) -> tuple[ModelId, ...]:
    """At most three ids that look like this one, the likest first; case does not matter."""
    from rapidfuzz import process  # noqa: PLC0415  4 MB, which only an unknown id needs
    from rapidfuzz.distance import Indel  # noqa: PLC0415  as above

    by_lower = {each.lower(): each for each in known}
    word = model[:_SHOWN_CHARACTERS].lower()
    alike = Indel.normalized_similarity
    found = process.extract(word, list(by_lower), scorer=alike, limit=_MAX_NEAR, score_cutoff=_LEAST_ALIKE)
    return tuple(by_lower[lowered] for lowered, _, _ in found)
