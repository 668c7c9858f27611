"""`llmanac export`: the list in the files that other tools read, or every fetch there is in one file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmanac.answers.export_fields import EXPORT_FIELDS, EXPORTS
from llmanac.cli.asked import Given, asks, option_name, query_of
from llmanac.cli.output import ServerOption, TokenOption, say, write_bytes
from llmanac.errors import Conflict, LlmanacError

if TYPE_CHECKING:
    from llmanac.answers.context import AnswerContext

_NAMES = ", ".join(EXPORTS)

MakeExport = Callable[[str, str], bytes]
"""The body of the export of that name, for a query."""


@asks(EXPORT_FIELDS)
def export(
    asked: Given,
    target: Annotated[
        str,
        typer.Argument(metavar="WHAT", help=f"{_NAMES}; with --history a file: ….tar.zst or ….tar, or - for stdout."),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write this file instead of stdout.")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Write the whole history.")] = False,  # noqa: FBT002  Typer's way of a flag
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,  # noqa: FBT002  as above
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Write models as LiteLLM's cost map, models.dev's file, CSV, NDJSON or Parquet: all, or those that are asked for.

    With --history write every list ever had, byte for byte, with its instant: `llmanac import FILE` reads it into any
    store.
    """
    if history:
        _refuse_questions(asked, output)
        _export_history(Path(target), force=force)
        return
    if target not in EXPORTS:
        raise typer.BadParameter(
            f"Expected one of {_NAMES}, or --history and a file; got {target[:60]!r}", param_hint="WHAT"
        )
    if output is None and target == "parquet" and sys.stdout.isatty():
        raise typer.BadParameter("Expected a file or a pipe for Parquet, got a terminal", param_hint="--output")
    if output is not None:
        _refuse_existing(output, force=force)
    with exporting(server, token) as make:
        body = make(target, query_of(asked))
    if output is None:
        write_bytes(body)
    else:
        _save(body, output, force=force)
        say(f"wrote {len(body)} bytes to {output}")


def _refuse_questions(asked: Given, output: Path | None) -> None:
    given = [option_name(name) for name, value in asked.items() if value is not None]
    given += ["--output"] if output is not None else []
    if given:
        raise typer.BadParameter(f"Expected nothing but a file, got {', '.join(given)}", param_hint="--history")


def _export_history(target: Path, *, force: bool) -> None:
    from llmanac.archive.writing import ArchiveKind, export_history, write_history  # noqa: PLC0415  slow
    from llmanac.cli.local import local_store  # noqa: PLC0415  as above
    from llmanac.sync.exporting import export_fetches  # noqa: PLC0415  as above

    with local_store() as (_, store):
        fetches = export_fetches(store)
        if str(target) == "-":
            if sys.stdout.isatty():
                raise typer.BadParameter("Expected a file or a pipe, got a terminal", param_hint="FILE")
            written = write_history(fetches, sys.stdout.buffer, kind=ArchiveKind.ZSTD)
        else:
            written = export_history(fetches, target, force=force)
    say(f"wrote {written.fetches} fetches with {written.bodies} different bodies to {target}")


@contextmanager
def exporting(server: str | None, token: str | None) -> Iterator[MakeExport]:
    """What makes exports: that server, else the local store."""
    if server:
        from llmanac.client import Client  # noqa: PLC0415  slow

        with Client(server, token) as client:
            yield lambda name, query: client.get(f"{EXPORTS[name].path}?{query}".rstrip("?"))
    else:
        from llmanac.cli.local import local_answers  # noqa: PLC0415  slow

        with local_answers() as context:
            yield lambda name, query: local_export(context, name, query)


def local_export(context: "AnswerContext", name: str, query: str) -> bytes:
    """What a server on the local store would answer."""
    from llmanac.answers.export_models import export_models  # noqa: PLC0415  as above
    from llmanac.query.parse import parse_query  # noqa: PLC0415  slow
    from llmanac.query.query import read_query  # noqa: PLC0415  as above
    from llmanac.query.read import read_as_of  # noqa: PLC0415  as above

    values = parse_query(query, EXPORT_FIELDS)
    list_ref = context.lists.find(read_as_of(values))
    return export_models(context, EXPORTS[name], list_ref, read_query(values), now=list_ref.ages_from(context.clock()))


def _save(body: bytes, target: Path, *, force: bool) -> None:
    """Whole or not at all: who reads the file meanwhile has the one before."""
    _refuse_existing(target, force=force)
    import secrets  # noqa: PLC0415  slow

    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            file.write(body)
        beside.replace(target)
    except OSError as problem:
        raise LlmanacError(f"{target}: Expected a place to write, got {problem.strerror or problem!r}") from problem
    finally:
        with suppress(OSError):  # not there, or in no folder at all
            beside.unlink()


def _refuse_existing(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise Conflict(f"{target}: Expected the name of a file, got a folder's")
    if target.exists() and not force:
        raise Conflict(f"{target}: Expected a name that is free, got that of a file", hint="--force replaces it.")
