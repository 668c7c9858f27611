"""`llmanac`: the commands, and how their failures are told."""

import io
import sys
from typing import NoReturn

import typer

from llmanac import __version__
from llmanac.cli import (
    changes,
    compare,
    config,
    cost,
    doctor,
    exporting,
    history,
    importing,
    listing,
    move,
    serve,
    show,
    status,
    sync,
    token,
    upcoming,
)
from llmanac.cli.asked import in_options
from llmanac.errors import LlmanacError

app = typer.Typer(
    name="llmanac",
    help="A self-hosted almanac of AI models: which there are, what they can do, what they cost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("sync")(sync.sync)
app.command("list")(listing.list_models)
app.command("show")(show.show)
app.command("compare")(compare.compare)
app.command("changes")(changes.changes)
app.command("history")(history.history)
app.command("cost")(cost.cost)
app.command("upcoming")(upcoming.upcoming)
app.command("import")(importing.import_lists)
app.command("export")(exporting.export)
app.add_typer(token.app, name="token")
app.command("config")(config.config)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("move")(move.move)


@app.callback(invoke_without_command=True)
def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),  # noqa: FBT001, FBT003  Typer's way of a flag
) -> None:
    if version:
        typer.echo(f"llmanac {__version__}")
        raise typer.Exit


def run() -> None:
    """The console script. Exit codes: 0 done, 1 a check found something, 2 usage, 3 unreachable, 4 refused."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Upstream's names hold any character; a stream that cannot show one shows its number.
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as problem:
        _fail(problem.format_message(), "`llmanac --help` and `llmanac COMMAND --help` say how.", problem.exit_code)
    except LlmanacError as problem:
        _fail(*in_options(problem), problem.exit_code)
    except UnicodeEncodeError as problem:
        # Arguments are bytes: what is no UTF-8 in them comes as surrogates, which neither a database nor a URL takes.
        _fail(f"Expected arguments in UTF-8, got {problem.object[:60]!r}", "", 2)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(message: str, hint: str, exit_code: int) -> NoReturn:
    if message:
        words = f"\n\nhint: {hint}" if hint else ""
        sys.stderr.write(f"error: {message}{words}\n")
    sys.exit(exit_code)


if __name__ == "__main__":
    run()
