"""A made-up file of calls: the same for the same arguments, and of any length."""

import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

SECONDS = 30 * 86_400
"""The calls are spread over thirty days."""


def write_calls(path: Path, models: Sequence[str], count: int, *, since: int) -> int:
    """Chat completions in the order of their time; how many bytes. A third has cached tokens, a half reasoning.

    Args:
        since: Seconds since 1970 of the first.
    """
    return _write(path, models, count, since, _completion)


def write_agent_calls(path: Path, models: Sequence[str], count: int, *, since: int) -> int:
    """As above, answers of Anthropic's Messages API as a coding agent logs them. Most of the prompt is cached."""
    return _write(path, models, count, since, _agents_answer)


_Make = Callable[[random.Random, Sequence[str], int, int], dict[str, object]]
"""A line, from where chance is drawn, the models, its number and when it was made."""


def _write(path: Path, models: Sequence[str], count: int, since: int, make: _Make) -> int:
    made = random.Random(count)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            line = make(made, models, number, since + number * SECONDS // count)
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    return path.stat().st_size


def _completion(made: random.Random, models: Sequence[str], number: int, at: int) -> dict[str, object]:
    prompt, completion = made.randint(100, 20_000), made.randint(1, 2_000)
    return {
        "id": f"gen-{number}",
        "object": "chat.completion",
        "created": at,
        "model": made.choice(models),
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": made.choice((0, 0, prompt // 2))},
            "completion_tokens_details": {"reasoning_tokens": made.choice((0, completion // 2))},
        },
    }


def _agents_answer(made: random.Random, models: Sequence[str], number: int, at: int) -> dict[str, object]:
    written = made.randint(0, 2_000)
    usage = {
        "input_tokens": made.randint(1, 20),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": made.randint(10_000, 100_000),
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": made.randint(1, 2_000),
        "service_tier": "standard",
    }
    message = {"id": f"msg_{number}", "type": "message", "model": made.choice(models), "usage": usage}
    timestamp = datetime.fromtimestamp(at, UTC).isoformat()
    return {"type": "assistant", "timestamp": timestamp, "requestId": f"req_{number}", "message": message}
