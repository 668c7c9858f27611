"""What a line was refused for, with the value that was seen."""

import re

import msgspec

_PATH = re.compile(r" - at `\$((?:\.\w+)+)`$")
_MAX_SHOWN = 40


def with_value(problem: Exception, text: bytes) -> str:
    """The decoder's words and the value they are about.

    Args:
        text: The JSON object that was refused.
    """
    words = str(problem)
    path = _PATH.search(words)
    if path is None:
        return words
    value = msgspec.json.decode(text)
    for name in path[1][1:].split("."):
        if not isinstance(value, dict) or name not in value:
            return words
        value = value[name]
    seen = msgspec.json.encode(value)[:_MAX_SHOWN].decode("utf-8", "replace")
    return f"{words}: {seen}" if ", got " in words else f"{words}, got {seen}"
