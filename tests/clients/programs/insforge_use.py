"""What PyPI `insforge` makes of a server: run in an environment that has it, with the question as JSON on stdin."""

import asyncio
import json
import sys

from insforge import InsforgeClient
from insforge.exceptions import InsforgeHTTPError

asked = json.load(sys.stdin)


async def look(token):
    """The two lists, as this client reads them."""
    listed = await InsforgeClient(asked["url"], token).ai.list_models()
    return {
        kind: [
            {"provider": group.provider, "configured": group.configured, "ids": [model.id for model in group.models]}
            for group in groups
        ]
        for kind, groups in (("text", listed.text), ("image", listed.image))
    }


seen = asyncio.run(look(asked["token"]))
try:
    asyncio.run(look("wrong-" + asked["token"]))
except InsforgeHTTPError as refusal:
    seen["refused"] = [refusal.status_code, str(refusal)]

json.dump(seen, sys.stdout)
