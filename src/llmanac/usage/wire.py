"""JSON lines as providers and gateways write them, taken leniently: every member may be absent or null.

Recognised (November 2026): whole answers of OpenAI's chat completions and Responses API, of Anthropic's Messages API
of OpenRouter and of Gemini; OpenRouter's generation records; the members of a `usage` beside `model` and a time; and
wrappers with any of these inside, such as the lines of OpenAI's and Anthropic's batches.
"""

from typing import Annotated, TypeAlias

import msgspec

from llmanac.usage.call import MAX_COUNT

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)] | None
Moment: TypeAlias = int | float | str | None
NOT_STATED = msgspec.Raw(b"null")
WRAPPERS = ("message", "response", "result", "body", "data")
"""Members with an answer inside, which may be wrapped once more (`response.body`, `result.message`)."""


class PromptDetails(msgspec.Struct, gc=False):
    """Parts of the prompt. `cache_write_tokens` is OpenRouter's."""

    cached_tokens: Count = None
    cache_write_tokens: Count = None
    audio_tokens: Count = None
    image_tokens: Count = None


class CompletionDetails(msgspec.Struct, gc=False):
    """Parts of the completion."""

    reasoning_tokens: Count = None
    audio_tokens: Count = None
    image_tokens: Count = None


class CacheCreation(msgspec.Struct, gc=False):
    """Anthropic's: the parts of `cache_creation_input_tokens` by how long they are kept."""

    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class ServerTools(msgspec.Struct, gc=False):
    """Anthropic's and OpenRouter's."""

    web_search_requests: Count = None


class Usage(msgspec.Struct, gc=False):
    """Every count of every spelling; `counts` tells what they mean together."""

    prompt_tokens: Count = None
    completion_tokens: Count = None
    total_tokens: Count = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    input_tokens: Count = None
    output_tokens: Count = None
    input_tokens_details: PromptDetails | None = None
    output_tokens_details: CompletionDetails | None = None
    cache_read_input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_creation: CacheCreation | None = None
    server_tool_use: ServerTools | None = None
    cached_tokens: Count = None
    """Moonshot's, and that of flat lines: within the prompt, as the next three are."""
    prompt_cache_hit_tokens: Count = None
    """DeepSeek's."""
    cache_write_tokens: Count = None
    reasoning_tokens: Count = None
    """Of flat lines: within the completion."""
    web_search_requests: Count = None
    cost: msgspec.Raw = NOT_STATED


class GeminiUsage(msgspec.Struct, gc=False, rename="camel"):
    """Google's own. Thoughts are beside the candidates, and prompts of tools beside the prompt."""

    prompt_token_count: Count = None
    candidates_token_count: Count = None
    cached_content_token_count: Count = None
    thoughts_token_count: Count = None
    tool_use_prompt_token_count: Count = None


class Line(Usage, gc=False):
    """One line: an answer with its `usage`, the members of a usage themselves, or a wrapper around either."""

    id: msgspec.Raw = NOT_STATED
    model: str | None = None
    created: Moment = None
    created_at: Moment = None
    timestamp: Moment = None
    time: Moment = None
    usage: Usage | int | float | None = None
    """A number in generation records: what the call cost, as `total_cost` says too."""
    message: msgspec.Raw = NOT_STATED
    response: msgspec.Raw = NOT_STATED
    result: msgspec.Raw = NOT_STATED
    body: msgspec.Raw = NOT_STATED
    data: msgspec.Raw = NOT_STATED
    model_permaslug: str | None = None
    variant: str | None = None
    tokens_prompt: Count = None
    tokens_completion: Count = None
    native_tokens_prompt: Count = None
    native_tokens_completion: Count = None
    native_tokens_completion_images: Count = None
    """Part of the one above."""
    native_tokens_reasoning: Count = None
    native_tokens_cached: Count = None
    total_cost: msgspec.Raw = NOT_STATED
    num_search_results: Count = None
    request_id: msgspec.Raw = NOT_STATED
    agents_request_id: msgspec.Raw = msgspec.field(default=NOT_STATED, name="requestId")
    gemini: GeminiUsage | None = msgspec.field(default=None, name="usageMetadata")
    gemini_model: str | None = msgspec.field(default=None, name="modelVersion")
    gemini_time: Moment = msgspec.field(default=None, name="createTime")
