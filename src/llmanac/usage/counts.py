"""The counts of a usage, in any of its spellings → a Call.

Providers disagree on what holds what. Everybody's completion tokens hold reasoning, but for xAI's and Gemini's, whose
total tells. OpenAI's and OpenRouter's prompt tokens hold those from the cache; Anthropic's input tokens do not.
"""

from decimal import Decimal

import msgspec

from llmanac.catalogue.money import PriceState, parse_price
from llmanac.usage.call import MAX_NAME_CHARACTERS, Call, Extras, Notes, UnreadableLine
from llmanac.usage.instants import instant_us, is_day
from llmanac.usage.marks import id_of, mark_of
from llmanac.usage.refused import with_value
from llmanac.usage.wire import NOT_STATED, WRAPPERS, GeminiUsage, Line, Usage

_MAX_WRAPS = 3
_MOMENTS = ("created", "created_at", "timestamp", "time")
_COUNTS = (
    "prompt_tokens", "input_tokens", "tokens_prompt", "native_tokens_prompt",
    "completion_tokens", "output_tokens", "tokens_completion", "native_tokens_completion",
)  # fmt: skip
_line = msgspec.json.Decoder(Line)


def read_call(line: Line, notes: Notes, *, at_us: int | None) -> Call | None:
    """The call that a line tells of; None when it has neither a usage nor any count.

    Args:
        at_us: When calls were made that do not say; None refuses them.

    Raises:
        UnreadableLine: It lacks something, or tells of a call that cannot be.
    """
    usage, has_own_time = line.usage, True
    if not isinstance(usage, Usage):
        line, usage, has_own_time = _unwrapped(line)
        if usage is line and not _has_counts(line):
            return None
    name = line.model or line.model_permaslug
    if not name:
        raise UnreadableLine("Expected the model in `model`, got none")
    if line.variant is not None:
        name = with_variant(name, line.variant)
    if len(name) > MAX_NAME_CHARACTERS:
        raise name_too_long(name)
    us = _instant_us(line, notes, at_us)
    stated = usage.cost if usage.cost is not NOT_STATED else line.total_cost
    amount = None if stated is NOT_STATED else stated_cost(bytes(stated))
    prompt, known = usage.prompt_tokens, id_of(line)
    mark = mark_of(known, name, us if has_own_time else None, prompt, usage.input_tokens) if known else 0
    searches = usage.server_tool_use is not None or usage.web_search_requests is not None
    if prompt is not None and usage.cache_creation_input_tokens is None and not searches:
        return _of_openai(name, us, prompt, usage, amount, mark)
    return _of_others(name, us, line, usage, amount, mark)


def _instant_us(line: Line, notes: Notes, at_us: int | None) -> int:
    when = line.created
    if when is None:
        when = _moment(line)
    us = at_us if when is None else instant_us(when)
    if isinstance(when, str) and is_day(when):
        notes.days += 1
    if us is None:
        raise UnreadableLine(f"Expected a time in {_either(_MOMENTS)}, got none")
    return us


def stated_cost(raw: bytes) -> Decimal | None:
    """What a provider said a call cost, exactly; None when it said nothing.

    Raises:
        UnreadableLine: It is no amount.
    """
    text = raw.strip(b'" ').decode("utf-8", "replace")
    if text in ("null", ""):
        return None
    try:
        price = parse_price(text)
    except ValueError as problem:
        raise UnreadableLine(f"cost: {problem}") from None
    if price.state is PriceState.DYNAMIC:
        raise UnreadableLine("cost: Expected 0 or more, got -1")
    return price.amount


def checked(call: Call) -> Call:
    """The call, if it can be.

    Raises:
        UnreadableLine: A part is more than its whole.
    """
    if call.prompt < 0 or call.completion < 0:
        whole = "prompt" if call.prompt < 0 else "completion"
        raise UnreadableLine(f"Tokens of images and sounds are more than all of the {whole}")
    written = 0 if call.extras is None else call.extras.cache_write + call.extras.cache_write_1h
    if call.cached + written > call.prompt:
        raise UnreadableLine(f"{call.cached + written} cached tokens are more than the {call.prompt} of the prompt")
    if call.reasoning > call.completion:
        raise UnreadableLine(f"{call.reasoning} reasoning tokens are more than the {call.completion} of the completion")
    return call


def _of_openai(name: str, us: int, prompt: int, usage: Usage, amount: Decimal | None, mark: int) -> Call:
    """The way of most lines: prompt tokens with their details, and nothing of Anthropic's."""
    completion, cached, reasoning = usage.completion_tokens or 0, 0, 0
    extras: Extras | None = None
    taken, given = usage.prompt_tokens_details, usage.completion_tokens_details
    if taken is not None:
        cached = taken.cached_tokens or 0
        if taken.cache_write_tokens or taken.audio_tokens or taken.image_tokens:
            extras = Extras(
                cache_write=taken.cache_write_tokens or 0,
                audio_in=taken.audio_tokens or 0,
                image_in=taken.image_tokens or 0,
            )
    if given is not None:
        reasoning = given.reasoning_tokens or 0
        if given.audio_tokens or given.image_tokens:
            extras = msgspec.structs.replace(
                extras or Extras(), audio_out=given.audio_tokens or 0, image_out=given.image_tokens or 0
            )
    cached = cached or usage.cached_tokens or usage.prompt_cache_hit_tokens or usage.cache_read_input_tokens or 0
    reasoning = reasoning or usage.reasoning_tokens or 0
    if usage.cache_write_tokens and (extras is None or not extras.cache_write):
        extras = msgspec.structs.replace(extras or Extras(), cache_write=usage.cache_write_tokens)
    if reasoning and usage.total_tokens == prompt + completion + reasoning:
        completion += reasoning
    if extras is not None:
        prompt -= extras.audio_in + extras.image_in
        completion -= extras.audio_out + extras.image_out
    call = Call(name, us, prompt, completion, cached, reasoning, extras, amount, mark)
    return checked(call) if cached > prompt or reasoning > completion or extras is not None else call


def _of_others(name: str, us: int, line: Line, usage: Usage, amount: Decimal | None, mark: int) -> Call:
    read, five, hour = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0, 0
    if usage.cache_creation is not None:
        hour = usage.cache_creation.ephemeral_1h_input_tokens or 0
        five = max(five - hour, usage.cache_creation.ephemeral_5m_input_tokens or 0)
    searches = (usage.server_tool_use.web_search_requests or 0) if usage.server_tool_use is not None else 0
    searches = searches or usage.web_search_requests or 0
    reasoning = audio_in = image_in = audio_out = image_out = 0
    if usage.prompt_tokens is not None:
        prompt, completion = usage.prompt_tokens, usage.completion_tokens or 0
        taken, given = usage.prompt_tokens_details, usage.completion_tokens_details
    elif usage.input_tokens is not None:
        prompt, completion = usage.input_tokens, usage.output_tokens or 0
        taken, given = usage.input_tokens_details, usage.output_tokens_details
        if taken is None:
            prompt += read + five + hour
    else:
        prompt, completion, read, reasoning = _of_generation(line)
        taken = given = None
        image_out = line.native_tokens_completion_images or 0
        searches = searches or (1 if line.num_search_results else 0)
    if taken is not None:
        read = read or taken.cached_tokens or 0
        five = five or taken.cache_write_tokens or 0
        audio_in, image_in = taken.audio_tokens or 0, taken.image_tokens or 0
    if given is not None:
        reasoning = given.reasoning_tokens or 0
        audio_out, image_out = given.audio_tokens or 0, given.image_tokens or 0
    # Of no provider that counts the cache apart: within the prompt.
    read = read or usage.cached_tokens or usage.prompt_cache_hit_tokens or 0
    five, reasoning = five or usage.cache_write_tokens or 0, reasoning or usage.reasoning_tokens or 0
    extras = Extras(
        cache_write=five,
        cache_write_1h=hour,
        image_in=image_in,
        image_out=image_out,
        audio_in=audio_in,
        audio_out=audio_out,
        web_searches=searches,
    )
    prompt, completion = prompt - audio_in - image_in, completion - audio_out - image_out
    kept = extras if extras != _NO_EXTRAS else None
    return checked(Call(name, us, prompt, completion, read, reasoning, kept, amount, mark))


_NO_EXTRAS = Extras()


def _of_generation(line: Line) -> tuple[int, int, int, int]:
    """OpenRouter's generation records: the provider's own counts, which are billed, before the normalised ones."""
    prompt = line.native_tokens_prompt if line.native_tokens_prompt is not None else line.tokens_prompt
    completion = line.native_tokens_completion if line.native_tokens_completion is not None else line.tokens_completion
    if prompt is None and completion is None:
        raise UnreadableLine("Expected counts such as `usage.prompt_tokens` or `usage.input_tokens`, got none")
    return prompt or 0, completion or 0, line.native_tokens_cached or 0, line.native_tokens_reasoning or 0


def _unwrapped(line: Line) -> tuple[Line, Usage, bool]:
    """The innermost line that has counts, with the time and the model of those around it where it has none.

    Last: whether the time is its own.
    """
    has_own_time = True
    for _ in range(_MAX_WRAPS):
        if isinstance(line.usage, Usage):
            break
        inner = next((raw for name in WRAPPERS if bytes(raw := getattr(line, name))[:1] == b"{"), None)
        if inner is None or line.gemini is not None or _has_counts(line):
            break
        try:
            within = _line.decode(inner)
        except msgspec.ValidationError as problem:
            raise UnreadableLine(with_value(problem, bytes(inner))) from None
        within.model = within.model or line.model
        if _moment(within) is None:
            within.created, has_own_time = _moment(line), False
        if within.agents_request_id is NOT_STATED:
            within.agents_request_id = line.agents_request_id
        line = within
    if isinstance(line.usage, Usage):
        return line, line.usage, has_own_time
    if line.gemini is not None:
        line.model = line.model or line.gemini_model
        if line.created is None:
            line.created = line.gemini_time
        return line, _of_gemini(line.gemini), has_own_time
    return line, line, has_own_time


def _of_gemini(stated: GeminiUsage) -> Usage:
    thoughts = stated.thoughts_token_count or 0
    return Usage(
        prompt_tokens=(stated.prompt_token_count or 0) + (stated.tool_use_prompt_token_count or 0),
        completion_tokens=(stated.candidates_token_count or 0) + thoughts,
        cached_tokens=stated.cached_content_token_count,
        reasoning_tokens=thoughts,
    )


def _has_counts(line: Line) -> bool:
    return any(getattr(line, name) is not None for name in _COUNTS) or bytes(line.total_cost) not in (b"null", b"0")


def _moment(line: Line) -> int | float | str | None:
    return next((stated for name in _MOMENTS if (stated := getattr(line, name)) is not None), None)


def name_too_long(name: str) -> UnreadableLine:
    """The refusal of a name that is none."""
    return UnreadableLine(f"model: Expected a name of at most {MAX_NAME_CHARACTERS} characters, got {len(name)}")


def with_variant(name: str, variant: str) -> str:
    """OpenRouter's name of a model with the variant that stands beside it, once."""
    ending = f":{variant}"
    return name if variant in ("", "standard") or name.endswith(ending) else name + ending


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(f"`{name}`" for name in names)
