"""`commands.md`: every command, from the Typer app's own registrations."""

import inspect
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Union, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from llmanac.cli.main import make_app
from llmanac.cli.output import Format
from scripts.reference.markdown import code, one_line, page, table

_INTRODUCTION = f"""
A command reads the local store of the settings in force, or with `--server` (`LLMANAC_SERVER`) a running server.
`--format` is one of {", ".join(map(code, Format))}. Data goes to stdout, words go to stderr. Colours are off where
`NO_COLOR` is set or the output is no terminal; progress is drawn on a terminal only.

An error is a message, an empty line, and `hint: …` where there is a next step.

## Exit codes
"""

_EXIT_CODES = (
    ("0", "Done."),
    ("1", "A check found something, a list was quarantined, or it could not be done."),
    ("2", "Wrong usage, or a wrong setting."),
    ("3", "Upstream, the server or the database could not be reached."),
    ("4", "Refused: upstream's key or the server's token is missing, wrong or lacks the scope."),
)

_VALUES: dict[object, str] = {str: "TEXT", int: "NUMBER", Path: "PATH"}

Command = Callable[..., object]


def commands_page() -> str:
    """The page."""
    sections = [_section(path, command) for path, command in commands(make_app())]
    return page("Commands", "the Typer app", _INTRODUCTION, table(("code", "means"), _EXIT_CODES), *sections)


def commands(of: typer.Typer, path: str = "llmanac") -> Iterator[tuple[str, Command]]:
    """Every command with the words that call it, groups in their place."""
    for single in of.registered_commands:
        assert single.callback is not None, "a command is a function"
        yield f"{path} {single.name}", single.callback
    for group in of.registered_groups:
        assert group.typer_instance is not None, "a group has commands"
        yield from commands(group.typer_instance, f"{path} {group.name}")


def _section(path: str, command: Command) -> str:
    hints = get_type_hints(command, include_extras=True)
    arguments, options = [], []
    for name, parameter in inspect.signature(command).parameters.items():
        kind, info = _parameter(hints[name])
        if isinstance(info, ArgumentInfo):
            arguments.append((name.upper(), info.help or ""))
        else:
            options.append(_option(name, kind, info, parameter.default))
    usage = " ".join([path, *(name for name, _ in arguments), "[OPTIONS]"])
    return "\n\n".join(
        part
        for part in (
            f"## `{path}`",
            one_line(command.__doc__),
            f"    {usage}",
            table(("argument", "what"), [(code(name), says) for name, says in arguments]),
            table(("option", "default", "what"), options),
        )
        if part
    )


def _parameter(hint: object) -> tuple[object, OptionInfo | ArgumentInfo]:
    """The type without its `None`, and what Typer is told of it."""
    assert get_origin(hint) is Annotated, "parameters are annotated"
    kind, info = get_args(hint)
    assert isinstance(info, OptionInfo | ArgumentInfo)
    if get_origin(kind) in (UnionType, Union):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind, info


def _option(name: str, kind: object, info: OptionInfo | ArgumentInfo, default: object) -> tuple[str, str, str]:
    # Inside Annotated, Typer takes the first spelling for the default.
    spelt = [text for text in (info.default, *(info.param_decls or ())) if isinstance(text, str)]
    names = spelt or [f"--{name.replace('_', '-')}"]
    shown = ", ".join(code(f"{text} {_value(kind)}".strip()) for text in names)
    variable = f"Environment: {code(str(info.envvar))}." if info.envvar else ""
    says = " ".join(filter(None, (info.help, _bounds(info), variable)))
    return shown, code("" if default is None else str(default)), says


def _value(kind: object) -> str:
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "|".join(kind)
    return "" if kind is bool else _VALUES[kind]


def _bounds(info: OptionInfo | ArgumentInfo) -> str:
    return "" if info.min is None or info.max is None else f"From {info.min:g} to {info.max:g}."
