"""The workload that `llmanac cost` prices: from its options, else from a file."""

import sys
from pathlib import Path

import msgspec

from llmanac.cli.asked import Given, option_name, query_of
from llmanac.cli.cost_fields import WORKLOAD_FIELDS, counts_of
from llmanac.errors import InvalidParameter
from llmanac.query.parse import parse_query

MAX_WORKLOAD_BYTES = 1 << 20


def workload_of(asked: Given, file: Path | None, at: str | None, *, without_cache: bool) -> object:
    """What the API takes as `workload`, not read any further.

    Raises:
        InvalidParameter: A count is none, the file cannot be read, or there is nothing or both.
    """
    counts = counts_of(_counts({name: asked[name] for name in WORKLOAD_FIELDS}))
    if file is not None:
        if counts or at or without_cache:
            raise InvalidParameter("--workload: Expected no counts beside it, since the file has them")
        return _of_file(file)
    if not counts:
        raise InvalidParameter(
            "Expected what a request counts, got nothing",
            hint="For example: llmanac cost --prompt-tokens 1800 --completion-tokens 400",
        )
    found: dict[str, object] = {**counts}
    if at is not None:
        found["at"] = at
    if without_cache:
        found["input_includes_cache"] = False
    return found


def _counts(given: Given) -> dict[str, str]:
    try:
        return parse_query(query_of(given), WORKLOAD_FIELDS)
    except InvalidParameter as problem:
        name = problem.parameter or ""
        raise InvalidParameter(problem.message.replace(name, option_name(name), 1), hint=problem.hint) from None


def _of_file(path: Path) -> msgspec.Raw:
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            raw = file.read(MAX_WORKLOAD_BYTES + 1)
    except OSError as problem:
        raise InvalidParameter(f"--workload: {path} cannot be read: {problem.strerror}") from None
    if len(raw) > MAX_WORKLOAD_BYTES:
        raise InvalidParameter(f"--workload: Expected at most {MAX_WORKLOAD_BYTES} bytes, got more")
    try:
        msgspec.json.decode(raw, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise InvalidParameter(f"--workload: {path} holds no JSON of a workload: {problem}") from None
    return msgspec.Raw(raw)
