"""`llmanac`: the commands, and how their failures are told."""

import sys

import typer

from llmanac import __version__
from llmanac.cli import config, doctor, listing, serve, status, sync, token
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
app.add_typer(token.app, name="token")
app.command("config")(config.config)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def _options(
    version: bool = typer.Option(False, "--version", help="Print the version and stop.", is_eager=True),  # noqa: FBT001, FBT003  Typer's way of a flag
) -> None:
    if version:
        typer.echo(f"llmanac {__version__}")
        raise typer.Exit


def run() -> None:
    """The console script. Exit codes: 0 done, 1 a check found something, 2 usage, 3 unreachable, 4 refused."""
    try:
        app()
    except LlmanacError as problem:
        hint = f"\n\nhint: {problem.hint}" if problem.hint else ""
        sys.stderr.write(f"error: {problem.message}{hint}\n")
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    run()
