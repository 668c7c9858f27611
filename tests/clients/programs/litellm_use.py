"""What PyPI `litellm` makes of a server: run in an environment that has it, with the question as JSON on stdin."""

import json
import os
import sys

asked = json.load(sys.stdin)
# Else it fetches a cost map of its own from the network while it is imported; later on it would not fetch ours.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
# It refuses a map with fewer than half as many models as its own has.
os.environ |= {"MODEL_COST_MAP_MAX_SHRINK_RATIO": "0", "MODEL_COST_MAP_MIN_MODEL_COUNT": "1"}

import litellm  # noqa: E402  see above

del os.environ["LITELLM_LOCAL_MODEL_COST_MAP"]
os.environ["OPENAI_API_KEY"] = asked["token"]
seen = {
    "valid": litellm.get_valid_models(
        check_provider_endpoint=True,
        custom_llm_provider="openai",
        api_base=f"{asked['url']}/some/path",
        api_key=asked["token"],
    ),
    "costs": {},
}
litellm.register_model(f"{asked['url']}/exports/litellm.json")
for model, prompt_tokens, completion_tokens in asked["costs"]:
    prompt, completion = litellm.cost_per_token(
        model=f"openrouter/{model}", prompt_tokens=prompt_tokens, completion_tokens=completion_tokens
    )
    seen["costs"][model] = [repr(prompt), repr(completion)]

json.dump(seen, sys.stdout)
