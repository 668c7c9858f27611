"""`llmanac move`: the whole store into another database."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from llmanac.cli.output import Format, FormatOption, say, write_rows
from llmanac.errors import SettingsError

if TYPE_CHECKING:
    from llmanac.store.move import Compared, Progress

_NAME = "LLMANAC_MOVE_TO"
_STARTS = ("sqlite:///", "postgresql+psycopg://")
_COLUMNS = ("noun", "here", "there", "digest", "same")
_DIGEST_CHARACTERS = 16


def move(
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="An empty database: postgresql+psycopg://USER@HOST/NAME or sqlite:///PATH. Others on this machine can "
            "see a password in it; LLMANAC_MOVE_TO, LLMANAC_MOVE_TO_FILE and PostgreSQL's PGPASSFILE keep it in.",
        ),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Copy the whole store into an empty database and compare what came over. The old store stays as it is."""
    from llmanac.cli.local import local_store  # noqa: PLC0415  slow
    from llmanac.store.database import Database  # noqa: PLC0415  as above
    from llmanac.store.move import move as move_all  # noqa: PLC0415  as above
    from llmanac.sync.turn import turn  # noqa: PLC0415  as above

    target = Database(_target_url(to))
    try:
        with local_store() as (settings, store):
            source = Database(settings.database)
            lasting = timedelta(seconds=settings.lease_seconds)
            try:
                with turn(store, f"move {os.getpid()}", lasting), _shown() as watch:
                    compared = move_all(source, target, watch)
            finally:
                source.close()
    finally:
        target.close()
    write_rows([_row(noun) for noun in compared], _COLUMNS, output, right=("here", "there"))
    _say_what_next(compared, source.shown_url, target.shown_url)


def _target_url(flag: str | None) -> str:
    """Where to, from exactly one of the three places."""
    found = {"--to": flag, _NAME: os.environ.get(_NAME), f"{_NAME}_FILE": os.environ.get(f"{_NAME}_FILE")}
    given = [name for name, value in found.items() if value]
    if len(given) != 1:
        seen = " and ".join(given) or "none"
        raise SettingsError(f"Expected one of --to, {_NAME} and {_NAME}_FILE, got {seen}")
    (name,) = given
    url = found[name] or ""
    if name.endswith("_FILE"):
        try:
            url = Path(url).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise SettingsError(f"{name}: Expected a readable text file, got {url!r}: {problem}") from None
    if not url.startswith(_STARTS) or url in ("sqlite:///", "sqlite:///:memory:"):
        raise SettingsError(f"{name}: Expected an address that begins {' or '.join(_STARTS)}, got another")
    if name == "--to" and urlsplit(url).password:
        say(f"warning: Others on this machine can see the password in --to; {_NAME}_FILE keeps it from them.")
    return url


@contextmanager
def _shown() -> Iterator[Callable[["Progress"], None]]:
    """Progress for eyes: a bar on a terminal, else two lines."""
    from rich import progress as bars  # noqa: PLC0415  slow

    console = Console(file=sys.stderr, highlight=False)
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("copying …", total=None)

        def watch(progress: "Progress") -> None:
            words = "comparing …" if progress.comparing else "copying …"
            bar.update(task, description=words, completed=progress.done, total=progress.total)
            if not console.is_terminal and (progress.comparing or progress.done == progress.total):
                say(words if progress.comparing else f"copied {progress.total} rows")

        yield watch


def _row(noun: "Compared") -> dict[str, object]:
    digest = noun.here.sha256[:_DIGEST_CHARACTERS]
    return {
        "noun": noun.here.noun,
        "here": noun.here.count,
        "there": noun.there.count,
        "digest": digest if noun.same else f"{digest} / {noun.there.sha256[:_DIGEST_CHARACTERS]}",
        "same": noun.same,
    }


def _say_what_next(compared: "Sequence[Compared]", here: str, there: str) -> None:
    """Raises Exit 1 when something differs."""
    different = [noun.here.noun for noun in compared if not noun.same]
    if different:
        say(f"error: What came over differs: {', '.join(different)}. {there} was left as it was; {here} is unchanged.")
        raise typer.Exit(1)
    say(f"Everything of {here} is in {there}.")
    say("Next: set LLMANAC_DATABASE_URL to the new address, password and all, and restart every llmanac server.")
    say(
        "What a server syncs into the old store until then stays there. Keep the old store until you have seen the new."
    )
