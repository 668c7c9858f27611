"""The whole answer of `GET /api/ai/models` as JSON, put together from its models."""

from collections.abc import Iterable, Mapping

import msgspec

from llmanac.catalogue.catalogue import Catalogue
from llmanac.render.listing import FacetCount, Shown, View, show


def render_listing(catalogue: Catalogue, *, configured: bool, hide_unconfigured: bool, view: View) -> bytes:
    """The whole answer as JSON. Depends on nothing but its arguments; O(models)."""
    show_any = configured or not hide_unconfigured
    models = [show(model, view) for model in catalogue.snapshot.models] if show_any else []
    return compose(catalogue.snapshot.source, [(model, model.whole()) for model in models], configured=configured)


def compose(
    source: str,
    models: Iterable[tuple[Shown, bytes]],
    *,
    configured: bool,
    facets: Mapping[str, Mapping[str, int]] | None = None,
) -> bytes:
    """The answer that shows these models in this order, each with its JSON.

    Args:
        facets: Values and their counts by facet, in the order they are shown in; None: nobody asked.
    """
    every = tuple(models)
    head = msgspec.json.encode({"provider": source, "configured": configured})[:-1] + b',"models":['
    # Joined once: every copy of the whole is fresh memory, which takes longer than the copying.
    parts = [b'{"text":[', head]
    parts += _listed(whole for model, whole in every if model.gives_text)
    parts += (b']}],"image":[', head)
    parts += _listed(whole for model, whole in every if model.gives_images)
    parts.append(b"]}]")
    if facets is not None:
        counted = {name: [FacetCount(*each) for each in counts.items()] for name, counts in facets.items()}
        parts += (b',"facets":', msgspec.json.encode(counted))
    parts.append(b"}")
    return b"".join(parts)


def _listed(wholes: Iterable[bytes]) -> list[bytes]:
    """With commas between them."""
    return [part for whole in wholes for part in (b",", whole)][1:]
