"""`llmanac`: the commands, and how their failures are told."""

import io
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import NoReturn

import typer

from llmanac import __version__, memory
from llmanac.errors import LlmanacError

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "serve": ("serve", "serve"),
        "sync": ("sync", "sync"),
        "list": ("listing", "list_models"),
        "show": ("show", "show"),
        "compare": ("compare", "compare"),
        "changes": ("changes", "changes"),
        "history": ("history", "history"),
        "cost": ("cost", "cost"),
        "upcoming": ("upcoming", "upcoming"),
        "import": ("importing", "import_lists"),
        "export": ("exporting", "export"),
        "token": ("token", "app"),
        "config": ("config", "config"),
        "status": ("status", "status"),
        "doctor": ("doctor", "doctor"),
        "move": ("move", "move"),
    }
)
"""Each with its module here and what it is there, in the order in which help shows them."""


def make_app(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The program with these commands. All of them take a quarter of a second to load, and a server 3 MB."""
    app = typer.Typer(
        name="llmanac",
        help="A self-hosted almanac of AI models: which there are, what they can do, what they cost.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in names:
        module, member = COMMANDS[name]
        command = getattr(import_module(f"llmanac.cli.{module}"), member)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    app.callback(invoke_without_command=True)(_options)
    return app


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
    named = [word for word in sys.argv[1:2] if word in COMMANDS]
    memory.begin_command()
    try:
        sys.exit(make_app(named or COMMANDS)(standalone_mode=False))
    except typer.TyperException as problem:
        _fail(problem.format_message(), "`llmanac --help` and `llmanac COMMAND --help` say how.", problem.exit_code)
    except LlmanacError as problem:
        from llmanac.cli.asked import in_options  # noqa: PLC0415  slow

        _fail(*in_options(problem), problem.exit_code)
    except UnicodeEncodeError as problem:
        # Arguments are bytes: what is no UTF-8 in them comes as surrogates, which neither a database nor a URL takes.
        _fail(f"Expected arguments in UTF-8, got {problem.object[:60]!r}", "", 2)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        memory.end_command()


def _fail(message: str, hint: str, exit_code: int) -> NoReturn:
    if message:
        words = f"\n\nhint: {hint}" if hint else ""
        sys.stderr.write(f"error: {message}{words}\n")
    sys.exit(exit_code)


if __name__ == "__main__":
    run()
