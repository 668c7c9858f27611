"""One answer → its rows, unread: what tells a list of models from everything else that comes with status 200."""

import json
from enum import StrEnum

import msgspec

from llmanac.upstream.wire import WireLinks, WirePage

_page_decoder = msgspec.json.Decoder(WirePage)
_bare_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_links_decoder = msgspec.json.Decoder(WireLinks | None)
_scanner = json.JSONDecoder(parse_float=str, parse_int=str, strict=False)
_WHITE_SPACE = " \t\r\n"


class NotAListReason(StrEnum):
    """Why an answer is no list of models. Such an answer is never admitted."""

    NOT_JSON = "not_json"
    HTML = "html"
    ERROR_OBJECT = "error_object"
    NO_LIST = "no_list"


class NotAList(msgspec.Struct, frozen=True):
    """The verdict on an answer that is no list of models."""

    reason: NotAListReason
    detail: str


def split_page(body: bytes) -> WirePage | NotAList:
    """One answer's rows, unread, and its paging links. A bare list (seen in 2024 and 2026) is a page too."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as problem:
        return NotAList(NotAListReason.NOT_JSON, f"Expected UTF-8 (RFC 8259 section 8.1), got {problem.reason}")
    if text[:1] == b"<":
        return NotAList(NotAListReason.HTML, f"Expected a list of models, got a page that begins {excerpt(text)}")
    try:
        return WirePage(_bare_decoder.decode(text)) if text[:1] == b"[" else _page_decoder.decode(text)
    except msgspec.ValidationError as problem:
        return _not_a_list(text, str(problem))
    except RecursionError:
        return NotAList(NotAListReason.NOT_JSON, f"Expected JSON of sane depth, got {excerpt(text)}")
    except msgspec.DecodeError as problem:
        return _split_around_bad_rows(text) or NotAList(
            NotAListReason.NOT_JSON, f"Expected JSON, got {excerpt(text)}: {problem}"
        )


def excerpt(text: bytes) -> str:
    """The beginning of what was seen, for a message."""
    return repr(text[:120].decode("utf-8", "replace"))


def _not_a_list(text: bytes, problem: str) -> NotAList:
    try:
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        members = {}
    if "error" in members:
        return NotAList(NotAListReason.ERROR_OBJECT, f"Expected a list of models, got an error: {excerpt(text)}")
    return NotAList(NotAListReason.NO_LIST, f"Expected an object with a list `data`: {problem}")


def _split_around_bad_rows(body: bytes) -> WirePage | None:
    """The rows of a list in which some row holds what a strict reader refuses (a lone surrogate, `NaN`).

    The standard library reads those, so it can tell where each row ends: the bad row is rejected later and the others
    live. None when the answer is not even that.
    """
    text = body.decode("utf-8")
    try:
        if text[:1] == "[":
            rows, end = _rows(text, 0)
            return WirePage(rows) if end == len(text) else None
        return _split_object(text)
    except (ValueError, IndexError, RecursionError):
        return None


def _split_object(text: str) -> WirePage | None:
    rows: list[msgspec.Raw] | None = None
    links: WireLinks | None = None
    at = _expect(text, 0, "{")
    while True:
        name, at = _scanner.raw_decode(text, _skip(text, at))
        at = _skip(text, _expect(text, at, ":"))
        begin = at
        if name == "data":
            rows, at = _rows(text, at)
        else:
            _, at = _scanner.raw_decode(text, at)
            if name == "links":
                links = _links_decoder.decode(text[begin:at])
        at = _skip(text, at)
        if text[at] == "}":
            return WirePage(rows, links) if rows is not None and at + 1 == len(text) else None
        at = _expect(text, at, ",")


def _rows(text: str, at: int) -> tuple[list[msgspec.Raw], int]:
    rows: list[msgspec.Raw] = []
    at = _skip(text, _expect(text, at, "["))
    if text[at] == "]":
        return rows, at + 1
    while True:
        _, end = _scanner.raw_decode(text, at)
        rows.append(msgspec.Raw(text[at:end].encode("utf-8")))
        at = _skip(text, end)
        if text[at] == "]":
            return rows, at + 1
        at = _skip(text, _expect(text, at, ","))


def _skip(text: str, at: int) -> int:
    while text[at] in _WHITE_SPACE:
        at += 1
    return at


def _expect(text: str, at: int, character: str) -> int:
    at = _skip(text, at)
    if text[at] != character:
        raise ValueError(f"Expected {character!r} at {at}")
    return at + 1
