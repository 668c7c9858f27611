"""The commonest line, read the short way: a chat completion of text with its id and time. `counts` reads all others.

What both can read they read alike; a test holds it. Of a usage every name is known here, so that a count of a name
that nothing knows sends a line the long way, where it is told.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from llmanac.usage.call import MAX_COUNT, MAX_NAME_CHARACTERS, SECOND_US, Call, UnreadableLine
from llmanac.usage.counts import stated_cost
from llmanac.usage.instants import MAX_SECONDS
from llmanac.usage.marks import mark_of
from llmanac.usage.wire import NOT_STATED, Count

_Whole: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
_Nothing: TypeAlias = Literal[0] | None
"""A count that takes the long way unless it is zero."""
_Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
_Seconds: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=MAX_SECONDS)]


class _PromptDetails(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    cached_tokens: Count = None
    cache_write_tokens: _Nothing = None
    audio_tokens: _Nothing = None
    image_tokens: _Nothing = None
    video_tokens: _Nothing = None
    text_tokens: Count = None


class _CompletionDetails(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    reasoning_tokens: Count = None
    audio_tokens: _Nothing = None
    image_tokens: _Nothing = None
    accepted_prediction_tokens: Count = None
    rejected_prediction_tokens: Count = None
    text_tokens: Count = None


class _CostDetails(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """OpenRouter's: parts of a cost that is stated whole."""

    upstream_inference_cost: float | None = None
    upstream_inference_prompt_cost: float | None = None
    upstream_inference_completions_cost: float | None = None


class _Usage(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    prompt_tokens: _Whole
    completion_tokens: _Whole
    total_tokens: Count = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None
    cost: msgspec.Raw = NOT_STATED
    is_byok: bool | None = None
    cost_details: _CostDetails | None = None


class _PlainLine(msgspec.Struct, gc=False):
    """Of the line itself other members may be anything: with all of these none of them says more."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    created: _Seconds
    model: _Name
    usage: _Usage
    variant: None = None
    total_cost: None = None


_decoder = msgspec.json.Decoder(_PlainLine)


def read_plain(text: bytes) -> list[Call] | None:
    """The calls of some lines, one each; None when any of them is no such line. About a microsecond each."""
    try:
        lines = _decoder.decode_lines(text)
        calls = [_call(line) for line in lines]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UnreadableLine):
        return None
    impossible = any(call.cached > call.prompt or call.reasoning > call.completion for call in calls)
    return None if impossible else calls


def _call(line: _PlainLine) -> Call:
    usage = line.usage
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    taken, given = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = 0 if taken is None else taken.cached_tokens or 0
    reasoning = 0 if given is None else given.reasoning_tokens or 0
    if reasoning and usage.total_tokens == prompt + completion + reasoning:
        completion += reasoning
    stated = None if usage.cost is NOT_STATED else stated_cost(bytes(usage.cost))
    name, us = line.model, line.created * SECOND_US
    return Call(name, us, prompt, completion, cached, reasoning, None, stated, mark_of(line.id, name, us, prompt))
