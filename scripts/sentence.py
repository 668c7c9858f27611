"""One English sentence on a model, composed from the facts of its record: what the bundle has for a description.

OpenRouter's own descriptions are OpenRouter's texts, so the bundle does not carry them. Prices are left out on purpose:
the sentence stays in the bundle for months, they do not.
"""

import calendar
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

Facts: TypeAlias = Mapping[str, object]
"""A record of OpenRouter's list, decoded. Nothing is taken for granted: what is missing or odd is not spoken of."""

# In the order in which a sentence names them. OpenRouter's own order differs from model to model.
WORDS = {
    "text": "text",
    "image": "images",
    "audio": "audio",
    "video": "video",
    "file": "files",
    "speech": "speech",
    "transcription": "transcripts",
    "embeddings": "embeddings",
    "rerank": "rankings",
    "decision": "decisions",
    "decisions": "decisions",
}

# What a model with this output and no other is called.
KINDS = {
    "text": "A language model",
    "image": "An image model",
    "audio": "An audio model",
    "video": "A video model",
    "speech": "A speech model",
    "transcription": "A transcription model",
    "embeddings": "An embedding model",
    "rerank": "A reranking model",
    "decision": "A decision model",
    "decisions": "A decision model",
}

# By the name of the request parameter that shows the ability.
ABILITIES = {
    "tools": "call tools",
    "structured_outputs": "return structured outputs",
    "web_search_options": "search the web",
    "reasoning": "reason before answering",
}


def mark(taken_on: date) -> str:
    """What every composed description ends with, so that nobody takes it for the author's or OpenRouter's words."""
    return f"(Composed by llmanac from the facts of {taken_on}.)"


def compose(facts: Facts, taken_on: date) -> str:
    """The sentence and its mark. The same facts give the same text, always."""
    told = [_opening(facts), _abilities(facts), _knowledge(facts), _weights(facts)]
    return f"{'; '.join(filter(None, told))}. {mark(taken_on)}"


def modalities(facts: Facts) -> tuple[list[str], list[str]]:
    """What goes in and what comes out, in OpenRouter's words; before 2025 it stated both as one text, or neither."""
    architecture = _members(facts.get("architecture"))
    takes, arrow, gives = str(architecture.get("modality") or "text").partition("->")
    inputs = _texts(architecture.get("input_modalities"))
    outputs = _texts(architecture.get("output_modalities"))
    # "multimodal" was a word of 2024 for models that see and answer in text.
    stated = "text+image" if takes == "multimodal" else takes
    return inputs or stated.split("+"), outputs or (gives if arrow else "text").split("+")


def _opening(facts: Facts) -> str:
    inputs, outputs = modalities(facts)
    return f"{_kind(facts, outputs)} that takes {_named(inputs)} and gives {_named(outputs)}{_sizes(facts, outputs)}"


def _kind(facts: Facts, outputs: list[str]) -> str:
    if str(facts.get("id")).startswith("~"):
        target = _members(facts.get("alias_target")).get("slug")
        return f"An alias of {target if isinstance(target, str) else 'the newest model of its family'}"
    if _members(facts.get("architecture")).get("tokenizer") == "Router":
        return "A router between models"
    return KINDS.get(outputs[0], "A model") if len(outputs) == 1 else "A model"


def _sizes(facts: Facts, outputs: list[str]) -> str:
    context = _count(facts.get("context_length"))
    answer = _count(_members(facts.get("top_provider")).get("max_completion_tokens"))
    # Zero is how OpenRouter says that a size has no meaning for the model: most video and speech models have it.
    if not context:
        return ""
    # Some state an answer longer than the context. That tells nothing, so it is not said.
    limit = f" and answers of up to {answer:,} tokens" if "text" in outputs and answer and answer < context else ""
    return f", with a context of {context:,} tokens{limit}"


def _abilities(facts: Facts) -> str:
    parameters = _texts(facts.get("supported_parameters"))
    always = _members(facts.get("reasoning")).get("mandatory") is True
    can = [words for name, words in ABILITIES.items() if name in parameters and not (always and name == "reasoning")]
    told = [f"can {_joined(can)}"] if can else []
    told += ["always reasons before answering"] if always else []
    return f"it {', and '.join(told)}" if told else ""


def _knowledge(facts: Facts) -> str:
    cutoff = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(?:-(\d\d))?", str(facts.get("knowledge_cutoff")))
    if cutoff is None:
        return ""
    year, month, day = cutoff.groups()
    when = f"on {int(day)}" if day else "in"
    return f"its knowledge ends {when} {calendar.month_name[int(month)]} {year}"


def _weights(facts: Facts) -> str:
    name = str(facts.get("hugging_face_id"))
    return f"its weights are open ({name} on Hugging Face)" if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else ""


def _named(modalities: list[str]) -> str:
    """In the table's order; a modality the table does not know keeps its own name and comes last."""
    known = [word for name, word in WORDS.items() if name in modalities]
    return _joined([*known, *(name for name in modalities if name not in WORDS)])


def _joined(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _members(value: object) -> Facts:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _count(value: object) -> int:
    """A number of tokens, rounded down where OpenRouter states a fraction; 0 for what is none."""
    return math.floor(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0
