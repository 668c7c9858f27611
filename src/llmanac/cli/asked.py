"""The table of fields as options of commands, and what was given of them as a query."""

from collections.abc import Mapping
from urllib.parse import urlencode

import typer
from typer.models import OptionInfo

from llmanac.query.fields import Field


def option(field: Field) -> OptionInfo:
    """The option of a field: its name with dashes, and its own words."""
    made = typer.Option(f"--{field.name.replace('_', '-')}", help=field.help)
    assert isinstance(made, OptionInfo), "Typer's function for this class"
    return made


def query_of(given: Mapping[str, str | None]) -> str:
    """A query string of what was given, which a server and `parse_query` read alike."""
    return urlencode({name: value for name, value in given.items() if value is not None})
