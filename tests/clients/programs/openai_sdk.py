"""What PyPI `openai` makes of a server: run in an environment that has it, with the question as JSON on stdin."""

import json
import sys

import openai

asked = json.load(sys.stdin)
client = openai.OpenAI(api_key=asked["token"], base_url=f"{asked['url']}/v1", max_retries=0)
stranger = openai.OpenAI(api_key="wrong-" + asked["token"], base_url=f"{asked['url']}/v1", max_retries=0)
seen = {
    "listed": [[model.id, model.object, model.created, model.owned_by] for model in client.models.list()],
    "got": {model: client.models.retrieve(model).id for model in asked["get"]},
    "refused": {},
}
for name, ask in {
    "unknown": lambda: client.models.retrieve("nobody/has-this"),
    "unasked": lambda: client.models.list(extra_query={"no_such": "1"}),
    "stranger": stranger.models.list,
    "chat": lambda: client.chat.completions.create(model="x", messages=[]),
}.items():
    try:
        ask()
    except openai.APIStatusError as refusal:
        seen["refused"][name] = [type(refusal).__name__, refusal.status_code, refusal.code, refusal.param, refusal.type]

json.dump(seen, sys.stdout)
