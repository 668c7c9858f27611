"""Runs under a Python that has litellm: questions as JSON on standard input, totals as JSON on standard output.

litellm is asked for the price of the author's own interface, by the part of the id after the slash: its bundled map has
no prices of OpenRouter's.
"""

import json
import os
import sys
from importlib.metadata import version

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


def main() -> None:
    """Answers `[version, totals]`; a total is a text, or null where there is no price."""
    answers, sys.stdout = sys.stdout, sys.stderr  # litellm prints words of its own
    import litellm  # type: ignore[import-not-found]  # noqa: PLC0415  after the settings above

    litellm.suppress_debug_info = True
    totals: list[str | None] = []
    for question in json.load(sys.stdin):
        name = question["model"].partition("/")[2]
        try:
            if name not in litellm.model_cost:
                raise LookupError(name)  # noqa: TRY301  the same answer as of what litellm refuses
            prompt, completion = litellm.cost_per_token(
                model=name,
                prompt_tokens=question["prompt_tokens"],
                completion_tokens=question["completion_tokens"],
                cache_read_input_tokens=question["cache_read_tokens"],
                cache_creation_input_tokens=question["cache_write_tokens"],
            )
            totals.append(repr(prompt + completion))
        except Exception:  # noqa: BLE001  litellm raises of many kinds for what it cannot price
            totals.append(None)
    json.dump([version("litellm"), totals], answers)


if __name__ == "__main__":
    main()
