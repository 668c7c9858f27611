"""`llmanac config`: every setting in force, and where it was set."""

from llmanac.cli.output import Format, FormatOption, say, write_rows
from llmanac.settings import Settings, environment_names
from llmanac.settings_sources import read_settings, shown


def config(output: FormatOption = Format.TABLE) -> None:
    """Show every setting, its value and where it was set. Secrets are masked."""
    in_force = read_settings()
    rows = [
        {
            "setting": environment_names(field)[0],
            "value": shown(in_force.settings, field),
            "set by": in_force.set_by[field],
        }
        for field in Settings.model_fields
    ]
    write_rows(rows, ("setting", "value", "set by"), output, ids=("setting",))
    for name, near in in_force.unknown.items():
        say(f"warning: {name} is no setting and means nothing{f'; did you mean {near}?' if near else ''}")
