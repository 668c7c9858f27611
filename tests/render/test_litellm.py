"""LiteLLM's map: everything but prices, which `tests/exports/test_cost_maps.py` has."""

from decimal import Decimal

import pytest

from tests.build import Json, architecture, pricing, record, top_provider
from tests.exports.maps import litellm


def test_a_whole_entry() -> None:
    sent = record(
        id="acme/owl",
        architecture=architecture(("text", "image", "file"), ("text", "audio")),
        expiration_date="2027-01-31",
        pricing=pricing(web_search="0.01"),
        supported_parameters=["tools", "structured_outputs", "include_reasoning"],
    )
    entry = litellm(sent)["acme/owl"]
    assert {name: value for name, value in entry.items() if "per_token" not in name} == {
        "litellm_provider": "openrouter",
        "mode": "chat",
        "max_input_tokens": 262_144,
        "max_output_tokens": 65_536,
        "max_tokens": 65_536,
        "cache_read_input_token_cost": Decimal("0.00000004"),
        "search_context_cost_per_query": {
            "search_context_size_low": Decimal("0.01"),
            "search_context_size_medium": Decimal("0.01"),
            "search_context_size_high": Decimal("0.01"),
        },
        "supported_modalities": ["text", "image", "file"],
        "supported_output_modalities": ["text", "audio"],
        "supports_function_calling": True,
        "supports_tool_choice": False,
        "supports_parallel_function_calling": False,
        "supports_response_schema": True,
        "supports_reasoning": True,
        "supports_vision": True,
        "supports_audio_input": False,
        "supports_video_input": False,
        "supports_pdf_input": True,
        "supports_audio_output": True,
        "supports_prompt_caching": True,
        "supports_web_search": True,
        "deprecation_date": "2027-01-31",
    }


def test_what_is_not_known_has_no_key() -> None:
    sent = record(
        id="acme/owl",
        context_length=None,
        top_provider=top_provider(max_completion_tokens=0),
        pricing={"prompt": "0.1", "completion": "0.2"},
        expiration_date="2098-12-31",
        architecture=architecture(outputs=("smells",)),
    )
    del sent["supported_parameters"]
    assert set(litellm(sent)["acme/owl"]) == {
        "litellm_provider", "supported_modalities", "supported_output_modalities", "supports_vision",
        "supports_audio_input", "supports_video_input", "supports_pdf_input", "supports_audio_output",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outputs", "mode"),
    [
        (("image", "text"), "chat"),
        (("image",), "image_generation"),
        (("embeddings",), "embedding"),
        (("rerank",), "rerank"),
        (("speech",), "audio_speech"),
        (("transcription",), "audio_transcription"),
        (("video",), "video_generation"),
        (("decision",), "decisions"),
    ],
)
def test_the_mode_follows_the_output(outputs: tuple[str, ...], mode: str) -> None:
    assert litellm(record(id="a/b", architecture=architecture(outputs=outputs)))["a/b"]["mode"] == mode


def test_a_search_whose_price_depends_on_something_is_not_stated() -> None:
    steps: list[Json] = [{"min_prompt_tokens": 1000, "web_search": "0.02"}]
    for rates in (pricing(web_search="0.01", overrides=steps), pricing(web_search="-1")):
        entry = litellm(record(id="a/b", pricing=rates))["a/b"]
        assert "search_context_cost_per_query" not in entry
