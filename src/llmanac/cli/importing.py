"""`llmanac import`: lists from files, woven into the history at their places."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from llmanac.cli.output import Format, FormatOption, write_rows

if TYPE_CHECKING:
    from llmanac.archive.fetch import ListFile
    from llmanac.catalogue.snapshot import ListScope
    from llmanac.settings import Settings
    from llmanac.sync.importing import ImportPlan

_COLUMNS = ("lists", "new", "agreeing", "known", "skipped")


class _Asked(msgspec.Struct, frozen=True):
    paths: tuple[Path, ...]
    taken_at: str | None
    scope: "ListScope | None"
    max_list_bytes: int


def import_lists(
    paths: Annotated[list[Path], typer.Argument(metavar="FILES…", help="Raw lists, tars of them, folders, exports.")],
    taken_at: Annotated[
        str | None,
        typer.Option("--taken-at", help="When the one list was taken (RFC 3339), or `mtime` for the files' own times."),
    ] = None,
    asked: Annotated[
        str | None,
        typer.Option("--scope", help="What the lists were asked for: all or text. Told by the models when not given."),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Weave lists from files into the history, in any order; what is known already is passed over.

    The instant of a list is told by --taken-at, by the file's name, or by `taken_at` in the file. A file that cannot be
    used is named and skipped. Interrupted, the same command goes on where it stopped.
    """
    scope = _scope(asked)
    with _plan() as (settings, plan):
        counts = _import_all(plan, _Asked(tuple(paths), taken_at, scope, settings.sync_max_body_bytes))
    row = {
        "lists": sum(counts.values()) - counts["skipped"],
        "new": counts["new"],
        "agreeing": counts["agrees"],
        "known": counts["known"],
        "skipped": counts["skipped"],
    }
    write_rows([row], _COLUMNS, output, right=_COLUMNS)
    raise typer.Exit(1 if counts["skipped"] else 0)


def _scope(asked: str | None) -> "ListScope | None":
    from llmanac.catalogue.snapshot import ListScope  # noqa: PLC0415  slow

    if asked is None:
        return None
    if asked not in (ListScope.ALL, ListScope.TEXT):
        raise typer.BadParameter(f"Expected all or text, got {asked[:40]!r}", param_hint="--scope")
    return ListScope(asked)


@contextmanager
def _plan() -> "Iterator[tuple[Settings, ImportPlan]]":
    """How the settings in force import, with the right to write for as long as it takes."""
    from llmanac.assemble_sync import catch_up_with, import_turn  # noqa: PLC0415  slow
    from llmanac.cli.local import local_store, log_errors  # noqa: PLC0415  as above

    with local_store() as (settings, store):
        log_errors(settings)
        catch_up_with(settings, store)
        with import_turn(settings, store) as plan:
            yield settings, plan


def _import_all(plan: "ImportPlan", wanted: _Asked) -> Counter[str]:
    from llmanac.archive.fetch import BadFile, ReadLimits  # noqa: PLC0415  slow
    from llmanac.archive.finding import find_files  # noqa: PLC0415  as above
    from llmanac.archive.instant import parse_taken_at  # noqa: PLC0415  as above
    from llmanac.archive.reading import read_files  # noqa: PLC0415  as above
    from llmanac.clock import now  # noqa: PLC0415  as above

    said = None if wanted.taken_at is None else parse_taken_at(wanted.taken_at)
    files = find_files(wanted.paths)[0]
    if isinstance(said, datetime) and len(files) > 1:
        raise typer.BadParameter(
            f"Expected one list for one instant, got {len(files)} files; leave it out, and their names or `taken_at` "
            "in them tell their instants",
            param_hint="--taken-at",
        )
    total = sum(status.st_size for status in files.values())
    limits = ReadLimits(max_list_bytes=wanted.max_list_bytes)
    counts: Counter[str] = Counter()
    with _progress() as (bar, task):
        bar.update(task, total=total)
        for found in read_files(wanted.paths, now=now(), said=said, limits=limits):
            words = found.words if isinstance(found, BadFile) else _import_one(plan, found, wanted.scope, counts)
            if words:
                counts["skipped"] += 1
                bar.console.print(f"skipped {found.name}: {words}", markup=False, highlight=False, soft_wrap=True)
            bar.update(task, completed=found.read_bytes, description=_told(counts))
    return counts


def _import_one(plan: "ImportPlan", found: "ListFile", scope: "ListScope | None", counts: Counter[str]) -> str:
    """Why it was skipped; nothing when it was not."""
    from llmanac.errors import Conflict, InvalidBody  # noqa: PLC0415  slow
    from llmanac.sync.importing import import_fetch  # noqa: PLC0415  as above

    try:
        counts[import_fetch(plan, found.fetch, asked=scope).value] += 1
    except (Conflict, InvalidBody) as problem:
        return problem.message
    return ""


def _told(counts: Counter[str]) -> str:
    return f"{counts['new']} new, {counts['agrees']} agreeing, {counts['known']} known, {counts['skipped']} skipped"


@contextmanager
def _progress() -> Iterator[tuple[Progress, TaskID]]:
    """A bar on a terminal, nothing elsewhere; words go to stderr either way."""
    console = Console(file=sys.stderr, highlight=False)
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        yield bar, bar.add_task("")
