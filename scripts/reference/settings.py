"""`settings.md`: every setting, from the fields of `Settings`."""

import inspect
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from types import UnionType
from typing import Literal, get_args, get_origin

import annotated_types
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from llmanac.cli.serve import serve
from llmanac.settings import SECRETS, Settings, environment_names
from scripts.reference.markdown import code, fence, page, table

_INTRODUCTION = """
Set a value by flag, by environment or in a file. The first of these that states it wins:

1. a flag of `llmanac serve`;
2. the environment. A variable that is empty counts as not set;
3. for secrets, the file that `NAME_FILE` names, such as `LLMANAC_TOKEN_FILE=/run/secrets/token`. White space around its
   text is dropped. `NAME` and `NAME_FILE` together are an error;
4. `llmanac.toml` in the working directory, or the file that `LLMANAC_CONFIG` names;
5. the default.

A wrong value stops the start with exit code 2. The message names the setting, the value seen (secrets are masked) and
what is allowed. `llmanac config` prints what is in force and where each value was set.
"""

_FILE = """
## In the file

Keys stand at the top level:
"""

_EXAMPLE = """
sync_interval_seconds = 1800
quarantine_min_share = "1/2"
log_format = "json"
"""

_CLIENT = """
## Read by commands only

`LLMANAC_SERVER` is the server that commands ask instead of the local store, as `--server` does; `LLMANAC_TOKEN` is then
the token they send (`LLMANAC_TOKEN_FILE` is read by the server only). `LLMANAC_CONFIG` names the settings file.
`LLMANAC_MOVE_TO` (or `LLMANAC_MOVE_TO_FILE`) is the database that `move` copies to. `NO_COLOR` turns colours off.
"""

_WORDS: dict[object, str] = {
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    str: "text",
    Path: "path",
    SecretStr: "secret",
    Fraction: "share (`0.5`, `1/3`)",
}


def settings_page() -> str:
    """The page."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    columns = ("set by", "in the file", "value", "default", "what")
    file = f"{_FILE.strip()}\n\n{fence(_EXAMPLE.strip(), 'toml')}"
    return page("Settings", "`llmanac.settings.Settings`", _INTRODUCTION, table(columns, rows), file, _CLIENT)


def _row(name: str, field: FieldInfo) -> tuple[str, ...]:
    names = [*environment_names(name)]
    if name in SECRETS:
        names.append(f"{names[0]}_FILE")
    if name in inspect.signature(serve).parameters:
        names.append(f"--{name.replace('_', '-')}")
    kind = _kind(field.annotation)
    return (
        " ".join(map(code, names)),
        code(name),
        ", ".join(filter(None, (_type(kind), _range(field)))),
        _default(field),
        field.description or "",
    )


def _kind(annotation: object) -> object:
    """The type without its `None`."""
    if get_origin(annotation) is UnionType or type(None) in get_args(annotation):
        return next(kind for kind in get_args(annotation) if kind is not type(None))
    return annotation


def _type(kind: object) -> str:
    choices = _choices(kind)
    return " or ".join(map(code, choices)) if choices else _WORDS[kind]


def _choices(kind: object) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    return tuple(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else ()


def _range(field: FieldInfo) -> str:
    bounds = []
    for bound in field.metadata:
        match bound:
            case annotated_types.Ge(ge=least):
                bounds.append(f"from {least}")
            case annotated_types.Gt(gt=least):
                bounds.append(f"more than {least}")
            case annotated_types.Le(le=most):
                bounds.append(f"up to {most}")
            case annotated_types.MinLen(min_length=least):
                bounds.append(f"at least {least} character")
            case _:
                pass
    return ", ".join(bounds)


def _default(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_text" in extra:
        return str(extra["default_text"])
    if field.default is None:
        return "not set"
    if isinstance(field.default, bool):
        return code(str(field.default).lower())
    return code(str(field.default))
