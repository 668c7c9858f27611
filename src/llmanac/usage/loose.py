"""JSON lines with counts of other names than `wire` has: read by the names that columns have, or told."""

import re
from collections.abc import Mapping

import msgspec

from llmanac.errors import InvalidParameter
from llmanac.usage.call import Call, Notes
from llmanac.usage.columns import COLUMNS, call_of_row, read_header
from llmanac.usage.wire import WRAPPERS, CacheCreation, CompletionDetails, GeminiUsage, Line, PromptDetails, ServerTools

_KINDS = (Line, PromptDetails, CompletionDetails, CacheCreation, ServerTools, GeminiUsage)
_READ = frozenset(field.encode_name for kind in _KINDS for field in msgspec.structs.fields(kind))
_NOT_BILLED = (
    "total_tokens", "prompt_cache_miss_tokens", "text_tokens", "accepted_prediction_tokens",
    "rejected_prediction_tokens", "max_tokens", "max_completion_tokens", "max_output_tokens", "budget_tokens",
    "totalTokenCount",
)  # fmt: skip
"""Sums and limits, and parts that cost what their whole does."""
_KNOWN = _READ.union(_NOT_BILLED)
_OF_COLUMNS = frozenset(name for thing, known in COLUMNS.items() for name in (thing, *known)) - _READ
_COUNTS_OF_COLUMNS = frozenset(
    name
    for thing, known in COLUMNS.items()
    if thing not in ("time", "model", "variant", "id", "cost")
    for name in (thing, *known)
)
_LIKE_A_COUNT = re.compile(r"token|cache", re.IGNORECASE)
_MAX_DEPTH = 4
_MAX_NAME = 60
_level = msgspec.json.Decoder(dict[str, msgspec.Raw])

# The commonest first: each hit is passed over at the first that fits.
_COMMON = ("prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens", "input_tokens")
_ENDING = tuple(dict.fromkeys((*_COMMON, *sorted(name for name in _KNOWN if name.endswith("tokens")))))
_TOKENS = re.compile(
    rb'tokens(?:"'
    + b"".join(b'(?<!"%s")' % name.encode() for name in _ENDING)
    + rb'|_(?<!native_tokens_)(?!(?:details|prompt|completion)")\w+")\s*:\s*[1-9]'
)
_CACHE = re.compile(
    b'"cache(?!(?:%s)")' % b"|".join(sorted(name[5:].encode() for name in _KNOWN if name.startswith("cache")))
    + rb"\w*\"\s*:\s*[1-9]"
)
_RARE = (b'"images_', b'"web_searches')
_NUMBER = re.compile(rb'"\w*(?:[tT]oken|[cC]ache)\w*"\s*:\s*[1-9]')


def may_have_others(text: bytes) -> bool:
    """Whether lines may have counts under other names: some half a microsecond a line."""
    if _TOKENS.search(text) is not None or (b'"cache' in text and _CACHE.search(text) is not None):
        return True
    return any(name in text for name in _RARE)


def has_a_count(text: bytes) -> bool:
    """Whether a member that is called after tokens or a cache is a number."""
    return _NUMBER.search(text) is not None


class LooseLine:
    """The members of a line, with those of its usage and of the answer in it."""

    def __init__(self, text: bytes) -> None:
        """Read them.

        Raises:
            msgspec.DecodeError: It is no JSON object.
        """
        self._members: dict[str, msgspec.Raw] = {}
        counting = _level.decode(text)
        for _ in range(_MAX_DEPTH):
            self._members |= counting
            inner = next((name for name in ("usage", *WRAPPERS) if _is_object(counting.get(name))), None)
            if inner is None:
                break
            counting = _level.decode(counting[inner])
        self._counting = counting

    @property
    def others(self) -> tuple[str, ...]:
        """Counts that only columns have names for, or nothing has."""
        found = list(_numbers(self._counting))
        for details in self._counting.values():
            if _is_object(details):
                found += _numbers(_level.decode(details))
        return tuple(name[:_MAX_NAME] for name in found if name not in _KNOWN)

    @property
    def is_row(self) -> bool:
        """Whether a count has a name that only columns have, and no other a part that columns have not."""
        if any(name.endswith("_details") and _is_object(raw) for name, raw in self._counting.items()):
            return False
        return any(name in _OF_COLUMNS and name in _COUNTS_OF_COLUMNS for name in self._counting)

    def call(self, notes: Notes, *, apart: bool | None, at_us: int | None) -> Call | None:
        """The call as that of a table's row; None when the names of columns do not make one.

        Raises:
            UnreadableLine: It is a row that is no call.
        """
        texts = {name: _text(raw) for name, raw in self._members.items() if bytes(raw)[:1] not in (b"{", b"[")}
        try:
            table = read_header(tuple(texts), {}, apart=apart)
        except InvalidParameter:
            return None
        return call_of_row(tuple(texts.values()), table, notes, at_us=at_us)

    def complete(self, line: Line) -> Line:
        """The line with the model and the time that it has under the names of columns."""
        line.model = line.model or self._first("model")
        if line.time is None:
            line.time = self._first("time")
        return line

    def _first(self, thing: str) -> str | None:
        return next((_text(self._members[name]) for name in COLUMNS[thing] if name in self._members), None) or None

    def unread(self) -> tuple[str, ...]:
        """Counts that nothing has a name for."""
        return tuple(name for name in self.others if name not in _COUNTS_OF_COLUMNS)


def _numbers(members: Mapping[str, msgspec.Raw]) -> list[str]:
    return [
        name
        for name, raw in members.items()
        if bytes(raw)[:1].isdigit() and bytes(raw) != b"0" and (_LIKE_A_COUNT.search(name) or name in _OF_COLUMNS)
    ]


def _is_object(raw: msgspec.Raw | None) -> bool:
    return raw is not None and bytes(raw)[:1] == b"{"


def _text(raw: msgspec.Raw) -> str:
    if bytes(raw)[:1] == b'"':
        return msgspec.json.decode(raw, type=str)
    text = bytes(raw).decode()
    return "" if text == "null" else text
