"""Records in the shape of OpenRouter's list of October 2026, with good defaults: a test states only what it is about.

record(id="acme/owl", pricing=pricing(prompt="-1"))
answer(records(700))
"""

import json
from collections.abc import Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | dict[str, Json] | None"
Record: TypeAlias = dict[str, Json]

CREATED = 1_792_540_800
"""2026-10-21, seconds since 1970."""


def record(**members: Json) -> Record:
    """A plain text model. `members` replace those of the same name or are added; to lack one, delete it.

    `canonical_slug` and `links` follow `id`.
    """
    name = str(members.get("id", "acme/owl-2"))
    return {
        "id": name,
        "canonical_slug": f"{name.partition(':')[0]}-20261021",
        "hugging_face_id": None,
        "name": "Acme: Owl 2",
        "created": CREATED,
        "description": "An invented model that sees at night.",
        "context_length": 262_144,
        "architecture": architecture(),
        "pricing": pricing(),
        "top_provider": top_provider(),
        "per_request_limits": None,
        "supported_parameters": ["max_tokens", "response_format", "seed", "stop", "temperature", "tools", "top_p"],
        "default_parameters": {"temperature": 0.7},
        "supported_voices": None,
        "knowledge_cutoff": "2026-03",
        "expiration_date": None,
        "links": {"details": f"/api/v1/models/{name}/endpoints"},
        **members,
    }


def records(count: int) -> list[Record]:
    """That many plain models with ids and names of their own, the newest first as OpenRouter has them."""
    return [
        record(id=f"acme/owl-{number}", name=f"Acme: Owl {number}", created=CREATED - 86_400 * place)
        for place, number in enumerate(range(count, 0, -1))
    ]


def architecture(
    inputs: Sequence[str] = ("text",), outputs: Sequence[str] = ("text",), *, tokenizer: str | None = "Other"
) -> Record:
    """What goes in and comes out; `modality` follows the two lists."""
    return {
        "modality": f"{'+'.join(inputs)}->{'+'.join(outputs)}",
        "input_modalities": [*inputs],
        "output_modalities": [*outputs],
        "tokenizer": tokenizer,
        "instruct_type": None,
    }


def pricing(**rates: Json) -> Record:
    """USD per token as strings; `rates` replace those of the same name or are added (`overrides` is a list)."""
    return {"prompt": "0.0000004", "completion": "0.000002", "input_cache_read": "0.00000004", **rates}


def top_provider(**members: Json) -> Record:
    """Sizes in tokens."""
    return {"context_length": 262_144, "max_completion_tokens": 65_536, "is_moderated": False, **members}


def answer(listed: Sequence[Record]) -> bytes:
    """The list as OpenRouter sends it when it is not paged."""
    document = {"data": [*listed], "links": {"next": None}, "total_count": len(listed)}
    return json.dumps(document, ensure_ascii=False).encode()
