"""The table of fields as options of commands, and what was given of them as a query."""

import functools
import inspect
import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlencode

import typer
from typer.models import OptionInfo

from llmanac import clock
from llmanac.errors import InvalidParameter, LlmanacError, ServerError, redact
from llmanac.query import fields as tables
from llmanac.query.fields import Field, FieldKind
from llmanac.query.read import read_moment

Given = Mapping[str, str | None]
"""What was given of each field; None: nothing."""

Command = Callable[..., None]

_MOMENTS = frozenset({"as_of", "since", "until"})
_AGO = re.compile(r"([0-9]{1,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_COUNTED = re.compile(r"context|requests|[a-z]+(?:_[a-z]+)*_tokens(?:_in|_out)?|cache_write_1h_tokens")
"""Fields whose counts are often large."""
_SHORT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([kKmM])")
_TIMES = {"k": 1000, "m": 1_000_000}
_REFUSED = re.compile(r"(\S+ answered 400 to [A-Z]+ \S+: )(.*)", re.DOTALL)


def option(field: Field) -> OptionInfo:
    """The option of a field: its name with dashes, and its own words."""
    words = field.help
    if field.kind is FieldKind.MOMENT:
        words += " Or so long ago: 12h, 7d, 4w."
    elif _COUNTED.fullmatch(field.name):
        words += " 200k and 1.5M are understood."
    made = typer.Option(option_name(field.name), help=words)
    assert isinstance(made, OptionInfo), "Typer's function for this class"
    return made


def option_name(name: str) -> str:
    """What a user types for a field."""
    return f"--{name.replace('_', '-')}"


def asks(table: Mapping[str, Field], *, without: Collection[str] = ()) -> Callable[[Command], Command]:
    """Give a command an option for each field of a table. It takes all of them as its argument `asked`.

    A field that is added to the table is an option at once.

    Args:
        without: Fields that the command has no use for.
    """
    taken = [field for name, field in table.items() if name not in without]

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def asking(**values: object) -> None:
            asked = {field.name: values.pop(field.name) for field in taken}
            command(asked=asked, **values)

        signature = inspect.signature(command, eval_str=True)
        options = [_parameter(field) for field in taken]
        kept = [parameter for name, parameter in signature.parameters.items() if name != "asked"]
        whole = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*kept, *options)]
        # Typer reads both; the names of parameters are all it calls by.
        asking.__dict__["__signature__"] = signature.replace(parameters=whole)
        asking.__annotations__ = {each.name: each.annotation for each in whole}
        return asking

    return decorate


def _parameter(field: Field) -> inspect.Parameter:
    annotation = Annotated[str | None, option(field)]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def query_of(given: Given) -> str:
    """A query string of what was given, which a server and `parse_query` read alike.

    Raises:
        InvalidParameter: A moment or a count is in no form that is understood; it names those that are.
    """
    return urlencode({name: _as_sent(name, value) for name, value in given.items() if value is not None})


def _as_sent(name: str, value: str) -> str:
    """What was so long ago as an instant, thousands and millions in digits; anything else as it is."""
    if name in _MOMENTS:
        return _instant(name, value)
    return _whole(name, value) if _COUNTED.fullmatch(name) else value


def _instant(name: str, value: str) -> str:
    ago = _AGO.fullmatch(value)
    if ago is not None:
        return (clock.now() - int(ago[1]) * _UNITS[ago[2]]).isoformat()
    try:
        read_moment(value)
    except ValueError as expected:
        raise InvalidParameter(
            f"{option_name(name)}: Expected {expected}, or so long ago (12h, 7d, 4w), got {redact(value)[:60]!r}",
            parameter=name,
        ) from None
    return value


def _whole(name: str, value: str) -> str:
    found = _SHORT.fullmatch(value)
    if found is None:
        if value.isdecimal() and value.isascii():
            return value
    else:
        count = Decimal(found[1]) * _TIMES[found[2].lower()]
        if count == int(count):
            return str(int(count))
    raise InvalidParameter(
        f"{option_name(name)}: Expected a whole number such as 1800, 1.8k or 2M, got {redact(value)[:60]!r}",
        parameter=name,
    )


def in_options(problem: LlmanacError) -> tuple[str, str]:
    """Message and hint of a failure; where a parameter is to blame, it has the name that the user typed.

    What begins with an option is about what was typed, and so is its hint: both stay.
    """
    if problem.message.startswith("--"):
        return problem.message, problem.hint
    if isinstance(problem, InvalidParameter):
        return _expected(problem.message), _named(problem.hint)
    refused = _REFUSED.fullmatch(problem.message) if isinstance(problem, ServerError) else None
    if refused is None:
        return problem.message, problem.hint
    return refused[1] + _expected(refused[2]), _named(problem.hint)


@functools.cache
def _names() -> re.Pattern[str]:
    """Names of fields where they are meant: before the colon that begins a refusal, before `=`, or with an underscore.

    What stands in quotation marks is the user's own.
    """
    every = sorted({each.name for each in vars(tables).values() if isinstance(each, Field)}, key=len, reverse=True)
    any_name = "|".join(every)
    with_underscore = "|".join(name for name in every if "_" in name)
    return re.compile(
        r"'[^']*'|\"[^\"]*\"|(?<![\w-])(?:"
        rf"(?P<setting>{any_name})="
        rf"|(?P<blamed>{any_name})(?=(?:, (?:{any_name}))*: Expected)"
        rf"|(?P<word>{with_underscore})(?![\w-]))"
    )


def _expected(message: str) -> str:
    """What follows "got" is data."""
    expected, got, rest = message.partition(", got ")
    return _named(expected) + got + rest


def _named(words: str) -> str:
    def as_typed(found: re.Match[str]) -> str:
        if found["setting"]:
            return f"{option_name(found['setting'])} "
        name = found["blamed"] or found["word"]
        return option_name(name) if name else found[0]

    return _names().sub(as_typed, words)
