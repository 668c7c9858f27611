"""What the composed descriptions say, and what they leave unsaid."""

from datetime import date

import pytest

from scripts.sentence import compose, mark
from tests.build import Json, Record, architecture, record, top_provider

DAY = date(2026, 10, 26)


def sentence(**members: Json) -> str:
    return compose(record(**members), DAY).removesuffix(f" {mark(DAY)}")


def test_a_sentence_ends_with_the_mark_of_its_day() -> None:
    assert compose(record(), DAY).endswith(". (Composed by llmanac from the facts of 2026-10-26.)")


def test_a_sentence_tells_what_goes_in_what_comes_out_and_what_it_can() -> None:
    text = sentence(
        architecture=architecture(["file", "image", "text"]),
        supported_parameters=["reasoning", "structured_outputs", "tools"],
        knowledge_cutoff="2025-03",
        hugging_face_id="acme/Owl-2",
    )
    assert text == (
        "A language model that takes text, images and files and gives text, with a context of 262,144 tokens and "
        "answers of up to 65,536 tokens; it can call tools, return structured outputs and reason before answering; "
        "its knowledge ends in March 2025; its weights are open (acme/Owl-2 on Hugging Face)."
    )


def test_a_sentence_on_little_is_short() -> None:
    image = architecture(["text"], ["image"])
    text = sentence(architecture=image, context_length=0, supported_parameters=[], knowledge_cutoff=None)
    assert text == "An image model that takes text and gives images."


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"id": "~acme/owl-latest"}, "An alias of the newest model of its family that takes"),
        ({"id": "~acme/owl-latest", "alias_target": {"slug": "acme/owl-2"}}, "An alias of acme/owl-2 that takes"),
        ({"architecture": architecture(tokenizer="Router")}, "A router between models that takes"),
        (
            {"architecture": architecture(["text"], ["text", "image"])},
            "A model that takes text and gives text and images",
        ),
        ({"architecture": architecture(["smell"], ["text"])}, "takes smell and gives text"),
        ({"architecture": {"modality": "multimodal"}}, "takes text and images and gives text"),
        ({"architecture": None}, "A language model that takes text and gives text"),
        ({"reasoning": {"mandatory": True}}, "it can call tools, and always reasons before answering"),
        ({"knowledge_cutoff": "2025-03-09"}, "its knowledge ends on 9 March 2025"),
        ({"context_length": 25804.8}, "with a context of 25,804 tokens"),
    ],
)
def test_a_sentence_says(members: Record, said: str) -> None:
    assert said in sentence(**members)


@pytest.mark.parametrize(
    ("members", "unsaid"),
    [
        ({"context_length": None}, "tokens"),
        ({"context_length": True}, "tokens"),
        ({"top_provider": top_provider(max_completion_tokens=0)}, "answers of up to"),
        ({"top_provider": top_provider(max_completion_tokens=999_999_999)}, "answers of up to"),
        ({"supported_parameters": None}, "it can"),
        ({"knowledge_cutoff": "soon"}, "knowledge"),
        ({"knowledge_cutoff": "2025-13"}, "knowledge"),
        ({"hugging_face_id": ""}, "weights"),
        ({"hugging_face_id": None}, "weights"),
        ({"hugging_face_id": "<script>"}, "weights"),
    ],
)
def test_a_sentence_does_not_speak_of_what_is_not_known(members: Record, unsaid: str) -> None:
    assert unsaid not in sentence(**members)
