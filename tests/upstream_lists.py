"""Orderly answers with status 200 that are no admissible list of models: not JSON, no list, or not to be believed."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from tests.upstream_exchange import Exchange, Fault, Outcome, Record, as_json, list_body
from tests.upstream_gzip import gzipped

DEPTH = 100_000
PAGE = b"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>\n"

CONDITIONS = ("min_prompt_tokens", "utc_start", "utc_end", "utc_days")


def body_fault(name: str, body: bytes | Callable[[Sequence[Record]], bytes], **head: str) -> Fault:
    """A 200 answer with this body, or the one made of the honest rows; `_` in a header's name stands for a dash."""
    headers = {field.replace("_", "-"): value for field, value in head.items()}

    def play(exchange: Exchange) -> None:
        exchange.respond(200, body(exchange.rows) if callable(body) else body, headers=headers)

    return Fault(name, Outcome.QUARANTINED, play)


def under_half(rows: Sequence[Record]) -> Sequence[Record]:
    """As many rows as may be without being half of them."""
    return rows[: max((len(rows) + 1) // 2 - 1, 0)]


def repriced(rows: Sequence[Record], factor: Decimal) -> list[Record]:
    """The rows with every price multiplied, those in overrides too; a price decided per request stays "-1"."""
    return [{**row, "pricing": _scaled(row["pricing"], factor)} if "pricing" in row else row for row in rows]


def _scaled(value: object, factor: Decimal) -> object:
    if isinstance(value, str):
        return value if value == "-1" else f"{(Decimal(value) * factor).normalize() + 0:f}"
    if isinstance(value, list):
        return [_scaled(entry, factor) for entry in value]
    if isinstance(value, dict):
        return {key: rate if key in CONDITIONS else _scaled(rate, factor) for key, rate in value.items()}
    return value


def _ill_typed(row: Record) -> Record:
    return {**row, "id": 17, "name": ["a", "list"], "architecture": "text->text", "pricing": 3, "created": "yesterday"}


def _bad_utf8(rows: Sequence[Record]) -> bytes:
    """A name in Latin-1, and a lone continuation byte."""
    return list_body([*rows, {"id": "bad/utf-8", "name": "CAF? ?"}]).replace(b"CAF? ?", b"CAF\xe9 \x80")


def _with_number(rows: Sequence[Record], literal: bytes) -> bytes:
    """The rows with a number that JSON does not have in each."""
    return list_body([{**row, "context_length": "@number@"} for row in rows]).replace(b'"@number@"', literal)


LIST_FAULTS = (
    body_fault("invalid_json", b"{'data': [models]}"),
    body_fault("truncated_json", lambda rows: list_body(rows)[:-20]),
    body_fault("json_with_a_tail", lambda rows: list_body(rows) + b'{"data": []}'),
    body_fault("html_page", PAGE, Content_Type="text/html; charset=utf-8"),
    body_fault("html_page_called_json", PAGE),
    body_fault("empty_body", b""),
    body_fault("error_object", as_json({"error": {"code": 500, "message": "Internal Server Error"}})),
    body_fault("error_object_beside_data", as_json({"error": {"code": 503, "message": "no"}, "data": []})),
    body_fault("json_null", b"null"),
    body_fault("json_number", b"42"),
    body_fault("json_string", b'"data"'),
    body_fault("data_is_object", b'{"data": {}}'),
    body_fault("data_is_string", b'{"data": "x"}'),
    body_fault("data_is_null", b'{"data": null}'),
    body_fault("no_data", b'{"models": [], "links": {"next": null}}'),
    body_fault("rows_of_wrong_types", lambda rows: list_body([_ill_typed(row) for row in rows])),
    body_fault("rows_are_no_objects", lambda rows: as_json({"data": [None, 1, "two", [3]] * max(len(rows) // 4, 1)})),
    body_fault("empty_list", list_body([])),
    body_fault("under_half_of_the_list", lambda rows: list_body(under_half(rows))),
    body_fault("every_row_twice", lambda rows: list_body([*rows, *rows])),
    body_fault("not_a_number", lambda rows: _with_number(rows, b"NaN")),
    body_fault("infinity", lambda rows: _with_number(rows, b"Infinity")),
    body_fault("prices_tenfold", lambda rows: list_body(repriced(rows, Decimal(10)))),
    body_fault("prices_zero", lambda rows: list_body(repriced(rows, Decimal(0)))),
    body_fault("bad_utf_8", _bad_utf8),
    body_fault("utf_16", lambda rows: list_body(rows).decode().encode("utf-16")),
    body_fault("nested_deep", b'{"data": ' + b"[" * DEPTH + b"]" * DEPTH + b"}"),
    body_fault("gzip_in_gzip", lambda rows: gzipped(gzipped(list_body(rows))), Content_Encoding="gzip"),
)
