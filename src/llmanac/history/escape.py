r"""Names and values inside a field's path, so that two different ones never give the same path.

A backslash stands before each character that would divide the path; NUL, which PostgreSQL keeps in no text, is `\0`,
and a name without characters is `\e`.
"""

import re

_CODES = {"0": "\0", "e": ""}
_escaped = re.compile(r"\\(.)", re.DOTALL)


def escaped(text: str, dividers: str) -> str:
    """The text with a backslash before each divider and each backslash."""
    if text.isidentifier():  # nearly every name; none of these holds a divider
        return text
    if not text:
        return r"\e"
    marked = re.sub(f"[{re.escape(dividers)}\\\\]", r"\\\g<0>", text)
    return marked.replace("\0", r"\0")


def unescaped(text: str) -> str:
    """The inverse of `escaped`, whatever the dividers were."""
    return _escaped.sub(lambda found: _CODES.get(found[1], found[1]), text)


def parted(text: str, divider: str) -> list[str]:
    """The parts between dividers that are not escaped, still escaped themselves; never none."""
    mark = re.escape(divider)
    return re.findall(rf"(?:^|{mark})((?:[^\\{mark}]|\\.)*)", text, re.DOTALL)
