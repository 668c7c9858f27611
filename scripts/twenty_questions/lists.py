"""The raw lists, read with the standard library alone."""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

STAMPS = (
    "2026-07-02T040756Z",
    "2026-07-13T162846Z",
    "2026-07-20T034553Z",
    "2026-07-26T033641Z",
    "2026-07-29T031928Z",
    "2026-07-30T025212Z",
    "2026-07-31T033521Z",
    "2026-08-01T033437Z",
    "2026-08-02T033430Z",
    "2026-08-03T033638Z",
    "2026-08-04T031951Z",
    "2026-08-05T031528Z",
)
"""Of every modality: each day of the last week, and some of the month before. They name the files."""


class Architecture(TypedDict):
    """What a model takes and gives."""

    input_modalities: list[str]
    output_modalities: list[str]


class TopProvider(TypedDict):
    """What OpenRouter's first provider allows."""

    is_moderated: bool | None
    max_completion_tokens: int | None


class AliasTarget(TypedDict):
    """What an alias stands for."""

    slug: str


class Raw(TypedDict):
    """A record as OpenRouter sent it; these are the members that the proofs read."""

    id: str
    created: int
    context_length: int
    expiration_date: str | None
    supported_parameters: list[str]
    architecture: Architecture
    top_provider: TopProvider
    alias_target: AliasTarget
    pricing: dict[str, str]
    """Texts, but for `overrides`."""


Lists = Mapping[str, Sequence[Raw]]
"""The models of each list by the instant it was taken at, as answers spell it, oldest first."""


def files(folder: Path) -> tuple[Path, ...]:
    """Where the lists lie, oldest first.

    Raises:
        ValueError: One of them is not there.
    """
    found = {path.name.removesuffix(".json.gz"): path for path in folder.rglob("*.json.gz")}
    missing = [stamp for stamp in STAMPS if stamp not in found]
    if missing:
        raise ValueError(f"Expected lists named after {len(STAMPS)} instants in {folder}, got none of {missing[0]}")
    return tuple(found[stamp] for stamp in STAMPS)


def read(paths: Iterable[Path]) -> Lists:
    """The lists in these files."""
    return {instant(path): _models(path) for path in paths}


def instant(path: Path) -> str:
    """`2026-08-05T031528Z.json.gz` is the list of 2026-08-05T03:15:28Z."""
    name = path.name
    return f"{name[:13]}:{name[13:15]}:{name[15:18]}"


def _models(path: Path) -> list[Raw]:
    sent = json.loads(gzip.decompress(path.read_bytes()), parse_float=str)
    models: list[Raw] = sent if isinstance(sent, list) else sent["data"]
    return models
