"""Refusals of `llmanac cost` in the words of its options."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from llmanac.cli.asked import option_name
from llmanac.cli.cost_fields import WORKLOAD_FIELDS
from llmanac.cli.output import Format
from llmanac.errors import InvalidBody, InvalidParameter

_HELP = "llmanac cost --help says what each option takes."
_FILE_HELP = "docs/guides/cost.md says what a file of a workload holds."
_MEMBER = re.compile(r"`(?:[a-z_]+(?:\[[0-9]+\])?\.)?(?P<name>[a-z_0-9]+)(?:\[[0-9]+\])?`")
_WEEK = ", or a week of hours"
"""What only a file can hold."""
_EXCLUDES = 'Send "input_includes_cache": false if prompt_tokens does'
_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"axis": "--break-even", "models": "MODELS", "percent": "--growth"}
    | {name: option_name(name) for name in ("as_of", "budget", "current", "days", "limit", "per", "start")}
)
_WORKLOAD_OPTIONS: Mapping[str, str] = MappingProxyType({name: option_name(name) for name in ("at", *WORKLOAD_FIELDS)})
"""What a user types for members of the body."""


def in_typed_words(problem: InvalidBody, *, from_file: bool) -> InvalidBody:
    """The refusal of a body with the names that the user typed.

    Args:
        from_file: The workload is from a file, which has the members' own names.
    """
    options = _OPTIONS if from_file else {**_OPTIONS, **_WORKLOAD_OPTIONS}
    expected, got, seen = problem.message.partition(", got ")
    hint = problem.hint
    if not from_file:
        expected = expected.removesuffix(_WEEK)
        hint = hint.replace(_EXCLUDES, "Add --input-excludes-cache if --prompt-tokens does")
    hint = _typed(hint, options) or (_FILE_HELP if from_file else _HELP)
    return InvalidBody(_typed(expected, options) + got + seen, hint=hint, code=problem.code)


def refuse_what_would_not_show(given: Collection[str], output: Format) -> None:
    """Refuse options that the table which others ask for has no place for.

    Args:
        given: The options, as typed.

    Raises:
        InvalidParameter: It names two that do not go together.
    """
    if "--days" not in given and "--growth" not in given:
        for option in ("--start", "--per", "--requests-per"):
            if option in given:
                raise InvalidParameter(f"{option}: Expected --days or --growth beside it, got none", hint=_HELP)
    if output is Format.JSON:
        return
    for shown, what, hidden in _TABLES:
        others = [option for option in hidden if option in given]
        if shown in given and others:
            raise InvalidParameter(
                f"{others[0]}: Expected no {shown} beside it, whose {what} have no place for it",
                hint="Ask for one after the other, or for --format json, which has both.",
            )


def refuse_requests_of_no_time(given: Collection[str]) -> None:
    """Refuse `--requests` in a series where it could mean those of a day or of a month.

    Raises:
        InvalidParameter: Nothing says which.
    """
    if {"--days", "--growth"} & {*given} and "--requests-per" not in given:
        raise InvalidParameter(
            "--requests: Expected --requests-per day or --requests-per month beside it in a series, got neither",
            hint="A workload without --requests is one request a day.",
        )


_TABLES = (
    ("--break-even", "stretches", ("--days", "--growth", "--budget", "--current", "--lines", "--limit")),
    ("--days", "months", ("--budget", "--current", "--lines")),
    ("--growth", "months", ("--budget", "--current", "--lines")),
    ("--lines", "lines", ("--budget", "--current")),
)
"""What an option makes a table of, and the options whose answers such a table has no column for."""


def _typed(words: str, options: Mapping[str, str]) -> str:
    return _MEMBER.sub(lambda found: options.get(found["name"], found[0]), words)
