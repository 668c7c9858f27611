"""A made-up file of calls: the same for the same arguments, and of any length."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

SECONDS = 30 * 86_400
"""The calls are spread over thirty days."""


def write_calls(path: Path, models: Sequence[str], count: int, *, since: int) -> int:
    """Chat completions in the order of their time; how many bytes. A third has cached tokens, a half reasoning.

    Args:
        since: Seconds since 1970 of the first.
    """
    made = random.Random(count)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            prompt, completion = made.randint(100, 20_000), made.randint(1, 2_000)
            call = {
                "id": f"gen-{number}",
                "object": "chat.completion",
                "created": since + number * SECONDS // count,
                "model": made.choice(models),
                "usage": {
                    "prompt_tokens": prompt,
                    "completion_tokens": completion,
                    "total_tokens": prompt + completion,
                    "prompt_tokens_details": {"cached_tokens": made.choice((0, 0, prompt // 2))},
                    "completion_tokens_details": {"reasoning_tokens": made.choice((0, completion // 2))},
                },
            }
            file.write(json.dumps(call, separators=(",", ":")) + "\n")
    return path.stat().st_size
