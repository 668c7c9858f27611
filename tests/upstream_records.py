"""Invented models in the shape of OpenRouter's list of October 2026; the same count and seed give the same list."""

import random
from decimal import Decimal

AUTHORS = ("northwind", "lumen-labs", "quarry", "saltmarsh", "tessera", "oblique", "fernweh", "kiln")
FAMILIES = ("heron", "basalt", "marigold", "tundra", "cinder", "plover", "sextant", "willow", "anvil", "juniper")

# One of each kind comes first, so that a short list holds them all; after them, text models in the main.
FIRST_KINDS = ("text", "image", "tiered", "embeddings", "router", "alias", "mixed", "windowed", "free", "text")
LATER_KINDS = ("text", "text", "text", "tiered", "image", "text", "free", "text", "mixed", "embeddings", "text", "text")

OUTPUTS = {"image": ["image"], "mixed": ["text", "image"], "embeddings": ["embeddings"]}
CREATED_FIRST = 1_735_689_600  # 2025-01-01; the newest model comes first in the list, as upstream has it
DAY = 86_400
PARAMETERS = ("frequency_penalty", "max_tokens", "presence_penalty", "response_format", "seed", "stop", "temperature",
              "tool_choice", "tools", "top_p")  # fmt: skip


def make_records(count: int, *, seed: int = 0) -> list[dict[str, object]]:
    """That many records with different ids; from ten on there is one of every kind that upstream sends."""
    dice = random.Random(seed)
    return [_record(dice, index, created=CREATED_FIRST + (count - index) * DAY) for index in range(count)]


def _record(dice: random.Random, index: int, *, created: int) -> dict[str, object]:
    kind = FIRST_KINDS[index] if index < len(FIRST_KINDS) else LATER_KINDS[index % len(LATER_KINDS)]
    author, family = dice.choice(AUTHORS), dice.choice(FAMILIES)
    model_id, slug = _names(kind, author, f"{family}-{index}")
    outputs = OUTPUTS.get(kind, ["text"])
    inputs = ["text", "image"] if dice.random() < 0.5 or "image" in outputs else ["text"]
    context = dice.choice((8_192, 32_768, 131_072, 262_144, 1_048_576))
    record: dict[str, object] = {
        "id": model_id,
        "canonical_slug": slug,
        "hugging_face_id": dice.choice((None, "", f"{author}/{family}")),
        "name": f"{author.title()}: {family.title()} {index}",
        "created": created,
        "description": f"An invented {kind} model of {author.title()}, number {index}: “{family}”.",
        "context_length": context,
        "architecture": {
            "modality": f"{'+'.join(inputs)}->{'+'.join(outputs)}",
            "input_modalities": inputs,
            "output_modalities": outputs,
            "tokenizer": "Router" if kind in ("router", "alias") else dice.choice(("Other", "GPT", "Llama3")),
            "instruct_type": None,
        },
        "pricing": _pricing(dice, kind),
        "top_provider": {
            "context_length": None if kind == "router" else context,
            "max_completion_tokens": dice.choice((None, context // 4)),
            "is_moderated": dice.random() < 0.2,
        },
        "per_request_limits": None,
        "supported_parameters": [] if kind == "embeddings" else sorted(dice.sample(PARAMETERS, dice.randint(1, 10))),
        "default_parameters": dice.choice((None, {"temperature": None, "top_p": 0.95})),
        "supported_voices": None,
        "knowledge_cutoff": dice.choice((None, "2025-06-30")),
        "expiration_date": dice.choice((None, None, None, "2098-12-31")),
        "links": {"details": f"/api/v1/models/{slug}/endpoints"},
    }
    if kind == "alias":
        record["alias_target"] = {"slug": f"{author}/{family}-0", "name": f"{author.title()}: {family.title()} 0"}
    return record


def _names(kind: str, author: str, slug: str) -> tuple[str, str]:
    """Id and canonical slug: aliases carry a tilde and no date, free ones share the slug of the paid model."""
    if kind == "alias":
        return f"~{author}/{slug}-latest", f"~{author}/{slug}-latest"
    return f"{author}/{slug}" + (":free" if kind == "free" else ""), f"{author}/{slug}-20260901"


def _pricing(dice: random.Random, kind: str) -> dict[str, object]:
    if kind == "router":
        return {"prompt": "-1", "completion": "-1"}
    if kind == "free":
        return {"prompt": "0", "completion": "0"}
    if kind == "image":
        return {"prompt": "0", "completion": "0", "image_output": _price(dice.randint(1, 90), 6)}
    prompt = dice.randint(1, 99)
    if kind == "embeddings":
        return {"prompt": _price(prompt, 9), "completion": "0"}
    base: dict[str, object] = {"prompt": _price(prompt, 7), "completion": _price(prompt * 4, 7)}
    pricing = dict(base)
    if dice.random() < 0.5:
        pricing["input_cache_read"] = _price(prompt, 8)
    if kind == "mixed":
        pricing["image_output"] = _price(dice.randint(1, 90), 6)
    if kind == "tiered":
        pricing["overrides"] = [
            {"min_prompt_tokens": 128_000, "prompt": _price(prompt * 2, 7), "completion": _price(prompt * 8, 7)}
        ]
    if kind == "windowed":
        pricing["overrides"] = [
            {"utc_start": 0, "utc_end": 800, **base},
            {"utc_start": 800, "utc_end": 0, "prompt": _price(prompt * 2, 7), "completion": _price(prompt * 6, 7)},
        ]
    return pricing


def _price(amount: int, places: int) -> str:
    """USD per token in plain digits, as upstream writes it."""
    return f"{Decimal(amount).scaleb(-places).normalize():f}"
