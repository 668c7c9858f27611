"""`llmanac show MODEL`: what one model can do, what it costs, whether it stays, and what changed last."""

from typing import Annotated

import msgspec
import typer

from llmanac.cli.asked import option
from llmanac.cli.changes import change_words, what_words
from llmanac.cli.looking_up import FoundModel, full_ids, looking_up
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, say, write_json, write_rows
from llmanac.cli.traits import traits
from llmanac.query.fields import AS_OF
from llmanac.render.changes import ShownChange
from llmanac.render.removed import RemovedModel

_COLUMNS = ("what", "value")


class _Shown(msgspec.Struct, frozen=True):
    """As JSON: the model in the full view, how it left, and its newest changes."""

    model: msgspec.Raw
    removed: RemovedModel | None
    changes: tuple[ShownChange, ...]


def show(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Its id, listed or not.")],
    as_of: Annotated[str | None, option(AS_OF)] = None,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Show one model: what it can do, its prices with their conditions, whether it is to leave, its newest changes.

    Tables show prices in USD per million tokens; JSON and CSV are exact, in USD per unit. A model that is no longer
    listed is shown with its last data and with what may stand in for it.
    """
    (name,) = full_ids([model], server, token)
    with looking_up(server, token) as look_up:
        found = look_up.model(name, as_of)
        changes = look_up.changes(name, as_of)
    if output is Format.JSON:
        removed = found.removed
        write_json(_Shown(found.model, removed, changes))
        return
    rows = [{"what": what, "value": value} for what, value in _told(name, found, changes, exact=output is Format.CSV)]
    write_rows(rows, _COLUMNS, output)
    if found.removed is not None:
        say(f"{name} is no longer listed: this is its last data.")


def _told(
    name: str, found: FoundModel, changes: tuple[ShownChange, ...], *, exact: bool
) -> list[tuple[str, str | None]]:
    """What is stated; a table has no use for the rest."""
    told: list[tuple[str, str | None]] = [("id", name)]
    told += [(what, value) for what, value in traits(bytes(found.model), exact=exact).items() if value is not None]
    gone = found.removed
    if gone is not None:
        last = gone.last_seen_at or gone.removed_at
        told += [("last seen", f"{last:%Y-%m-%d %H:%M}"), ("removal", gone.certainty.value)]
        told += [("instead", f"{each.id}: {each.reason}") for each in gone.successors]
    told += [("changed", f"{each.seen_at:%Y-%m-%d} {what_words(each)}: {change_words(each)}") for each in changes]
    return told
