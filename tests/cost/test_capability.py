"""Which models can do a workload at all."""

import pytest

from llmanac.catalogue.model import Model
from llmanac.cost.capability import unfit
from llmanac.cost.workload import Workload
from tests.build import Json, answer, architecture, record, top_provider
from tests.strategies import taken


def made(inputs: tuple[str, ...] = ("text",), outputs: tuple[str, ...] = ("text",), **members: Json) -> Model:
    listed = record(architecture=architecture(inputs, outputs), context_length=1000, **members)
    return taken(answer([listed])).models[0]


def test_a_model_that_can_do_it_is_fit() -> None:
    assert unfit(made(), Workload(prompt_tokens=900, completion_tokens=100)) is None


@pytest.mark.parametrize(
    ("workload", "reason"),
    [
        (Workload(images_in=1), "it takes no image"),
        (Workload(image_tokens_in=1), "it takes no image"),
        (Workload(audio_tokens_in=1), "it takes no audio"),
        (Workload(images_out=1), "it gives no image"),
        (Workload(audio_tokens_out=1), "it gives no audio"),
        (Workload(prompt_tokens=901, completion_tokens=100), "its context is 1000 tokens, and a request has 1001"),
        (
            Workload(prompt_tokens=1, cache_read_tokens=1000, input_includes_cache=False),
            "its context is 1000 tokens, and a request has 1001",
        ),
    ],
)
def test_what_a_text_model_cannot_do_is_said(workload: Workload, reason: str) -> None:
    assert unfit(made(), workload) == reason


def test_a_model_of_embeddings_gives_no_text() -> None:
    assert unfit(made(outputs=("embeddings",)), Workload(prompt_tokens=5)) is None
    assert unfit(made(outputs=("embeddings",)), Workload(prompt_tokens=5, completion_tokens=1)) == "it gives no text"


def test_a_model_that_takes_only_audio_takes_no_text() -> None:
    assert unfit(made(inputs=("audio",)), Workload(prompt_tokens=5)) == "it takes no text"


def test_a_completion_beyond_the_limit_is_said() -> None:
    model = made(top_provider=top_provider(max_completion_tokens=50))
    assert unfit(model, Workload(completion_tokens=50)) is None
    assert unfit(model, Workload(completion_tokens=51)) == "it gives at most 50 tokens, and a request asks for 51"


@pytest.mark.parametrize("limit", [0, None])
def test_a_limit_that_is_not_stated_is_none(limit: int | None) -> None:
    model = made(top_provider=top_provider(max_completion_tokens=limit))
    assert unfit(model, Workload(completion_tokens=900)) is None


def test_one_workload_of_several_is_enough_to_be_unfit() -> None:
    assert unfit(made(), [Workload(prompt_tokens=5), Workload(images_in=1)]) == "it takes no image"
    assert unfit(made(), [Workload(prompt_tokens=5)]) is None
