"""Runs under a Python that has litellm: how long `cost_per_token` takes, called once for each line.

    python cost_litellm.py IDS.json CALLS.jsonl LINES

IDS.json is a list of OpenRouter's ids; what is printed first is those that litellm prices, so that the calls can be
made of them. Then it waits for a line on its standard input, reads CALLS.jsonl, and prints seconds and calls.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
ANSWERS = sys.stdout
sys.stdout = sys.stderr  # litellm prints words of its own

import litellm  # type: ignore[import-not-found]  # noqa: E402  after the settings above


def main() -> None:
    """The two steps."""
    litellm.suppress_debug_info = True
    ids = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    known = {each: name for each in ids if (name := _priced(each)) is not None}
    print(json.dumps([litellm_version(), [*known]]), file=ANSWERS, flush=True)
    sys.stdin.readline()
    calls = []
    with Path(sys.argv[2]).open(encoding="utf-8") as lines:
        for line, _ in zip(lines, range(int(sys.argv[3])), strict=False):
            call = json.loads(line)
            usage = call["usage"]
            cached = usage["prompt_tokens_details"]["cached_tokens"]
            calls.append((known[call["model"]], usage["prompt_tokens"], usage["completion_tokens"], cached))
    begun = time.perf_counter()
    for model, prompt, completion, cached in calls:
        litellm.cost_per_token(
            model=model, prompt_tokens=prompt, completion_tokens=completion, cache_read_input_tokens=cached
        )
    print(json.dumps([time.perf_counter() - begun, len(calls)]), file=ANSWERS)


def _priced(model: str) -> str | None:
    """The name by which litellm prices a model of OpenRouter's, or None."""
    for name in (f"openrouter/{model}", model.partition("/")[2]):
        if name in litellm.model_cost:
            try:
                litellm.cost_per_token(model=name, prompt_tokens=1, completion_tokens=1)
            except Exception:  # noqa: BLE001  litellm raises of many kinds for what it cannot price
                continue
            return name
    return None


def litellm_version() -> str:
    """As installed."""
    from importlib.metadata import version  # noqa: PLC0415  beside its only use

    return version("litellm")


if __name__ == "__main__":
    main()
