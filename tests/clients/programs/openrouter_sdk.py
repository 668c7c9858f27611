"""What PyPI `openrouter` makes of a server: run in an environment that has it, with the question as JSON on stdin."""

import json
import sys

from openrouter import OpenRouter, errors

asked = json.load(sys.stdin)


def every(listed):
    """The ids of all pages, and the prices."""
    models, pages, total = [], 0, None
    while listed is not None:
        models += listed.result.data
        pages, total = pages + 1, listed.result.total_count
        listed = listed.next()
    prices = [model.pricing.prompt for model in models]
    return {"ids": [model.id for model in models], "prices": prices, "pages": pages, "total": total}


with OpenRouter(api_key=asked["token"], server_url=f"{asked['url']}/api/v1", timeout_ms=20_000) as client:
    seen = {
        "plain": every(client.models.list()),
        "paged": every(client.models.list(limit=asked["limit"], output_modalities="all")),
        "asked": every(client.models.list(**asked["filters"])),
        "count": client.models.count().data.count,
        "count_of_all": client.models.count(output_modalities="all").data.count,
        "user": every(client.models.list_for_user(security={"bearer": asked["token"]})),
        "got": {
            model: client.models.get(author=model.partition("/")[0], slug=model.partition("/")[2]).data.id
            for model in asked["get"]
        },
        "refused": {},
    }
    for name, ask in {
        "unknown": lambda: client.models.get(author="nobody", slug="has/this"),
        "unanswered": lambda: client.models.list(sort="most-popular"),
        "endpoints": lambda: client.endpoints.list(author="nobody", slug="this"),
    }.items():
        try:
            ask()
        except errors.OpenRouterError as refusal:
            seen["refused"][name] = [type(refusal).__name__, refusal.status_code, refusal.message]

with OpenRouter(api_key="wrong-" + asked["token"], server_url=f"{asked['url']}/api/v1") as stranger:
    try:
        stranger.models.list()
    except errors.OpenRouterError as refusal:
        seen["refused"]["stranger"] = [type(refusal).__name__, refusal.status_code, refusal.message]

json.dump(seen, sys.stdout)
