"""The names that logs have for models → ids of the list. What is guessed is said, and guessed only when one fits."""

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from llmanac.catalogue.ids import ModelId, variant_of

Near = Callable[[ModelId, Iterable[ModelId]], tuple[ModelId, ...]]
"""Ids that look like a name, the likest first."""

_GATEWAY = "openrouter/"
_TAKEN_FOR = " is taken for "
_DATE = re.compile(r"[-@](?:20[0-9]{6}|20[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{4}-preview)$")


class Named(msgspec.Struct, frozen=True):
    """What a name means: a model, and why if the name is not its id; or none, and ids that look like it."""

    id: ModelId | None
    assumed: str = ""
    near: tuple[ModelId, ...] = ()


class Names:
    """All ids that were ever listed, to look names up by."""

    def __init__(self, ids: Iterable[ModelId], slugs: Mapping[str, ModelId], near: Near) -> None:
        """O(ids).

        Args:
            slugs: Permanent names (`canonical_slug`) without variants, and the model each is of.
        """
        self._ids = frozenset(ids)
        self._slugs = slugs
        self._near = near
        self._by_slug: dict[str, list[ModelId]] = {}
        self._by_form: dict[str, list[ModelId]] = {}
        for known in sorted(self._ids):
            slug = known.partition("/")[2].lower()
            self._by_slug.setdefault(slug, []).append(known)
            for form in {_form(slug), _form(known.lower())}:
                self._by_form.setdefault(form, []).append(known)

    def find(self, name: str) -> Named:
        """The model of a name.

        An id is itself. Else, in this order: the id behind `openrouter/`; the model whose permanent name it is; the one
        model whose id ends in it; the one whose id differs in nothing but case, points for dashes or a date at the end.
        """
        if name in self._ids:
            return Named(ModelId(name))
        asked = name.removeprefix(_GATEWAY)
        for found, words in self._guesses(asked):
            candidates = sorted(set(found))
            if len(candidates) == 1:
                return Named(candidates[0], f"{name}{_TAKEN_FOR}{candidates[0]}: {words}")
            if candidates:
                return Named(None, near=tuple(candidates[:3]))
        return Named(None, near=self._looking_like(asked))

    def _looking_like(self, asked: str) -> tuple[ModelId, ...]:
        if "/" in asked:
            return self._near(ModelId(asked), self._ids)
        slugs = self._near(ModelId(asked), map(ModelId, self._by_slug))
        return tuple(known for slug in slugs for known in self._by_slug[slug][:1])

    def _guesses(self, asked: str) -> Iterable[tuple[list[ModelId], str]]:
        lowered = asked.lower()
        yield ([ModelId(asked)] if asked in self._ids else []), "it is the same without the gateway's name"
        yield self._of_slug(asked), "that is its permanent name"
        if "/" not in asked:
            yield self._by_slug.get(lowered, []), "no other model's id ends so"
        without = _DATE.sub("", lowered)
        yield self._by_form.get(_form(lowered), []), "it is written alike"
        if without != lowered:
            yield self._by_form.get(_form(without), []), "it is the same but for the date"

    def _of_slug(self, asked: str) -> list[ModelId]:
        base, variant = asked.partition(":")[0], variant_of(ModelId(asked))
        known = self._slugs.get(base)
        if known is None:
            return []
        wanted = ModelId(known if variant is None else f"{known}:{variant}")
        return [wanted] if wanted in self._ids else []


def taken_for(assumed: str) -> tuple[str, str] | None:
    """The name and the id that were said to be assumed; None where something else was."""
    name, said, rest = assumed.partition(_TAKEN_FOR)
    return (name, rest.partition(": ")[0]) if said else None


def _form(name: str) -> str:
    """Equal for names that differ only in points for dashes."""
    return name.replace(".", "-").replace("_", "-")
