"""`llmanac export --history`: every fetch there is, in one file that `llmanac import` reads."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from llmanac.cli.output import say


def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="….tar.zst or ….tar, or - for stdout.")],
    history: Annotated[bool, typer.Option("--history", help="Write the whole history.")] = False,  # noqa: FBT002  Typer's way of a flag
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,  # noqa: FBT002  as above
) -> None:
    """Write every list ever had, byte for byte, with its instant. `llmanac import FILE` reads it into any store."""
    if not history:
        raise typer.BadParameter("Expected --history, which is what can be exported; got none", param_hint="--history")
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
