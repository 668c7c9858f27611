"""Reading the settings from where they are set, and saying what is wrong with them."""

import os
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from llmanac.errors import SettingsError
from llmanac.settings import PREFIX, SECRETS, Settings, config_path, environment_names

_CLIENT_NAMES = frozenset(
    {"LLMANAC_SERVER", "LLMANAC_CONFIG", "LLMANAC_TOKEN", "LLMANAC_MOVE_TO", "LLMANAC_MOVE_TO_FILE"}
)
"""Read by the command line itself."""


_USER_INFO = re.compile(r"//[^/@]*@")


class SetBy(StrEnum):
    """Where a value comes from, strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


class SettingsInForce(msgspec.Struct, frozen=True):
    """The settings, where each was set, and the names in the environment that mean nothing."""

    settings: Settings
    set_by: Mapping[str, str]
    """By field: `flag`, `default`, or the name of the variable or file."""
    unknown: Mapping[str, str]
    """By name in the environment: the nearest known name, or `""`."""


def read_settings(flags: Mapping[str, object] | None = None) -> SettingsInForce:
    """What is in force.

    Args:
        flags: Values from the command line, by field; None values are not set.

    Raises:
        SettingsError: A value is wrong; it names the setting, the value seen (secrets masked) and what is allowed.
    """
    layers = [
        {field: (value, SetBy.FLAG.value) for field, value in (flags or {}).items() if value is not None},
        _from_environment(),
        _from_secret_files(),
        _from_file(config_path()),
    ]
    values: dict[str, object] = {}
    set_by = dict.fromkeys(Settings.model_fields, SetBy.DEFAULT.value)
    for layer in reversed(layers):
        for field, (value, origin) in layer.items():
            values[field] = value
            set_by[field] = origin
    try:
        settings = Settings.model_validate(values, by_name=True)
    except ValidationError as problem:
        raise _wrong(problem, set_by) from None
    return SettingsInForce(settings, set_by, _unknown_names())


_Layer = dict[str, tuple[object, str]]


def _from_environment() -> _Layer:
    layer: _Layer = {}
    for field in Settings.model_fields:
        set_names = [name for name in environment_names(field) if os.environ.get(name)]
        if set_names:
            layer[field] = (os.environ[set_names[0]], set_names[0])
    return layer


def _from_secret_files() -> _Layer:
    layer: _Layer = {}
    for field in SECRETS:
        for name in environment_names(field):
            path = os.environ.get(f"{name}_FILE")
            if not path:
                continue
            if os.environ.get(name):
                raise SettingsError(f"{name} and {name}_FILE are both set", hint="Keep one of them.")
            try:
                text = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as problem:
                raise SettingsError(f"{name}_FILE: Expected a readable text file, got {path!r}: {problem}") from None
            if not text:
                raise SettingsError(f"{name}_FILE: Expected a file with a secret in it, got the empty file {path!r}")
            layer[field] = (text, f"{name}_FILE")
    return layer


def _from_file(path: Path) -> _Layer:
    if not path.exists():
        if os.environ.get("LLMANAC_CONFIG"):
            raise SettingsError(f"LLMANAC_CONFIG: Expected a settings file, got {str(path)!r}, which is not there")
        return {}
    import tomllib  # noqa: PLC0415  mostly there is no file

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingsError(f"{path}: Expected a TOML file, got: {problem}") from None
    layer: _Layer = {}
    for key, value in found.items():
        field = _field(key)
        if field not in Settings.model_fields:
            near = _nearest(key, Settings.model_fields)
            raise SettingsError(f"{path}: {key!r} is no setting", hint=near and f"Did you mean {near}?")
        if isinstance(value, bool) and Settings.model_fields[field].annotation is not bool:
            # Python takes true for 1; whoever wrote it meant something else.
            seen = str(value).lower()
            raise SettingsError(f"{environment_names(field)[0]}: Expected a number or text, got {seen} (set by {path})")
        # As in the environment: an empty secret is none.
        if field not in SECRETS or value != "":
            layer[field] = (value, str(path))
    return layer


def _field(key: str) -> str:
    """Sources name a value by its field or by its alias in the environment."""
    for field in Settings.model_fields:
        if key == field or key in environment_names(field):
            return field
    return key


def _unknown_names() -> dict[str, str]:
    known = {name for field in Settings.model_fields for name in environment_names(field)} | _CLIENT_NAMES
    known |= {f"{name}_FILE" for field in SECRETS for name in environment_names(field)}
    return {name: _nearest(name, known) for name in sorted(os.environ) if name.startswith(PREFIX) and name not in known}


def _nearest(name: str, known: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415  only a wrong name needs it

    # Without the prefix, which all have: it would make everything look near to everything.
    stems = {other.removeprefix(PREFIX): other for other in sorted(known)}
    found = difflib.get_close_matches(name.removeprefix(PREFIX), stems, n=1)
    return stems[found[0]] if found else ""


def _wrong(problem: ValidationError, set_by: Mapping[str, str]) -> SettingsError:
    lines = [_one_wrong(error, set_by) for error in problem.errors(include_url=False)]
    return SettingsError("\n".join(lines), hint="docs/reference/settings.md lists every setting.")


def _one_wrong(error: ErrorDetails, set_by: Mapping[str, str]) -> str:
    allowed = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return allowed
    field = _field(str(error["loc"][0]))
    seen = "a secret" if field in SECRETS else _USER_INFO.sub("//…@", repr(error["input"]))
    origin = set_by.get(field, "")
    name = environment_names(field)[0]
    where = "" if origin in (name, SetBy.DEFAULT) else f" (set by {origin})"
    return f"{name}: Expected {_expected(allowed)}, got {seen}{where}"


def _expected(message: str) -> str:
    if "valid boolean" in message:
        return "true or false"
    text = message.removeprefix("Input should be ").split(", unable to parse")[0]
    return text[:1].lower() + text[1:]


def shown(settings: Settings, field: str) -> str:
    """A value for people: secrets masked, shares as they are written, nothing as `""`."""
    value = getattr(settings, field)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return "********" if isinstance(value, SecretStr) else str(value)
