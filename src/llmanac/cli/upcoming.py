"""`llmanac upcoming`: which models are announced to leave, and what may stand in for them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec
import typer

from llmanac.catalogue.change import Cause, ChangeKind
from llmanac.catalogue.model import Model
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import option, query_of
from llmanac.cli.listing import Ask, local_answer, models_in
from llmanac.cli.looking_up import full_ids
from llmanac.cli.output import Format, FormatOption, ServerOption, TokenOption, write_json, write_rows
from llmanac.cli.stale import say_if_old
from llmanac.query.fields import AUTHOR, MODEL, UPCOMING_FIELDS
from llmanac.query.parse import parse_query
from llmanac.query.read import read_words
from llmanac.render.changes import ChangePage, ShownChange
from llmanac.render.listing import View

_COLUMNS = ("id", "name", "last day", "days left", "announced", "successor")
_MAY_GO = ("name", "announced", "days left", "successor")
_MAX_DAYS = 3650
_MODELS_AT_ONCE = 100
_CHARACTERS_AT_ONCE = 7000
"""Of ids in one query, escaped; servers refuse 8192 of the whole."""
_BEFORE_ALL = "1970-01-01"
_TELLING = (ChangeKind.ADDED, ChangeKind.EXPIRY_ANNOUNCED, ChangeKind.EXPIRY_MOVED, ChangeKind.EXPIRY_WITHDRAWN)

AskChanges = Callable[[str], ChangePage]
"""The page for a query."""


class Leaving(msgspec.Struct, frozen=True):
    """A model that is announced to leave. `days_left` counts from today in UTC; below 0 the day is over.

    `announced_at`: the first list with the announcement, None when no list is known without.
    """

    id: str
    name: str | None
    last_day: date
    days_left: int
    announced_at: datetime | None
    successor: str | None
    reason: str | None


def upcoming(
    days: Annotated[
        int, typer.Option("--days", min=0, max=_MAX_DAYS, help="Only models whose last day is at most this far away.")
    ] = 30,
    model: Annotated[str | None, option(MODEL)] = None,
    author: Annotated[str | None, option(AUTHOR)] = None,
    output: FormatOption = Format.TABLE,
    server: ServerOption = None,
    token: TokenOption = None,
) -> None:
    """Show text and image models that are announced to leave, the soonest first, and what may stand in for each.

    A model that is listed beyond its last day is overdue. Dates that mean "never" (2098-12-31) are left out.
    """
    from llmanac.clock import now  # noqa: PLC0415  read when it runs
    from llmanac.upstream.decode import decode_rows  # noqa: PLC0415  slow

    ids = None if model is None else ",".join(full_ids(read_words(model), server, token, named="--model"))
    asked = parse_query(query_of({"model": ids, "author": author}), UPCOMING_FIELDS)
    with _asking(server, token) as (ask_list, ask_changes, ask_status):
        models, _ = decode_rows(map(_record, models_in(ask_list(query_of({"view": View.FULL})))))
        found = leaving(models, ask_changes, today=now().date(), within_days=days, fits=_filter(asked))
        age = timedelta(seconds=read_answer(ask_status(), _Age).age_seconds or 0)
    if output in {Format.JSON, Format.CSV}:
        rows = [msgspec.to_builtins(each) for each in found]
        if output is Format.JSON:
            write_json(rows)
        else:
            write_rows(rows, Leaving.__struct_fields__, output)
    else:
        rows = [_row(each) for each in found]
        write_rows(rows, _COLUMNS, output, right=("days left",), ids=("id", "successor"), may_go=_MAY_GO)
    say_if_old(age, "what was announced, and what left, since then is not known")


def _filter(asked: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether an id is one of those that are asked for; with no filter every one is."""
    ids, authors = read_words(asked["model"]), read_words(asked["author"])
    return lambda model: (not ids or model in ids) and (not authors or model.lstrip("~").partition("/")[0] in authors)


def leaving(
    models: Sequence[Model], ask: AskChanges, *, today: date, within_days: int, fits: Callable[[str], bool]
) -> list[Leaving]:
    """Those of a list that fit and are to leave within so many days, the soonest first."""
    from llmanac.history.successors import successors  # noqa: PLC0415  slow

    last_days = {model.id: day for model in models if (day := model.expires_on) is not None}
    wanted = [model for model in models if model.id in last_days and fits(model.id)]
    wanted = [model for model in wanted if (last_days[model.id] - today).days <= within_days]
    announced = _announced_at([model.id for model in wanted], ask)
    found: list[Leaving] = []
    for model in sorted(wanted, key=lambda model: (last_days[model.id], model.id)):
        day = last_days[model.id]
        best = next(iter(successors(model, models)), None)
        found.append(
            Leaving(
                id=model.id,
                name=model.name,
                last_day=day,
                days_left=(day - today).days,
                announced_at=announced.get(model.id),
                successor=None if best is None else best.model,
                reason=None if best is None else best.reason,
            )
        )
    return found


def _announced_at(ids: Sequence[str], ask: AskChanges) -> Mapping[str, datetime]:
    """When each was announced to leave, as far as lists tell. A model may have come with its last day."""
    found: dict[str, datetime] = {}
    for some in _together(ids):
        for change in _every(some, ask):
            if change.kind is ChangeKind.EXPIRY_WITHDRAWN:
                found.pop(change.model, None)
            elif change.kind is ChangeKind.EXPIRY_MOVED:
                found.setdefault(change.model, change.seen_at)
            elif change.kind is ChangeKind.EXPIRY_ANNOUNCED or change.own_cause is not Cause.SCOPE:
                found[change.model] = change.seen_at
    return found


def _together(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    """As many as fit into one query."""
    some: list[str] = []
    taken = 0
    for each in ids:
        length = len(query_of({"": each + ","}))
        if some and (len(some) == _MODELS_AT_ONCE or taken + length > _CHARACTERS_AT_ONCE):
            yield some
            some, taken = [], 0
        some.append(each)
        taken += length
    if some:
        yield some


def _every(ids: Iterable[str], ask: AskChanges) -> Iterator[ShownChange]:
    """Every change that tells of announcements, oldest first."""
    asked = {
        "since": _BEFORE_ALL,
        "model": ",".join(ids),
        "kind": ",".join(_TELLING),
        "cause": "all",
        "limit": "1000",
    }
    cursor: str | None = None
    while True:
        page = ask(query_of({**asked, "cursor": cursor}))
        yield from page.changes
        cursor = page.next
        if cursor is None:
            return


class _Age(msgspec.Struct):
    age_seconds: int | None


@contextmanager
def _asking(server: str | None, token: str | None) -> Iterator[tuple[Ask, AskChanges, Callable[[], bytes]]]:
    """What gives the list, the changes and the status: that server, else the local store."""
    if server:
        from llmanac.client import Client  # noqa: PLC0415  slow

        with Client(server, token) as client:
            yield (
                lambda query: client.get(f"/api/ai/models?{query}"),
                lambda query: read_answer(client.get(f"/api/ai/changes?{query}"), ChangePage),
                lambda: client.get("/api/ai/status"),
            )
    else:
        from llmanac.answers.list_changes import list_changes  # noqa: PLC0415  as above
        from llmanac.answers.server_status import server_status  # noqa: PLC0415  as above
        from llmanac.cli.local import local_answers  # noqa: PLC0415  slow
        from llmanac.query.fields import CHANGES_FIELDS  # noqa: PLC0415  as above
        from llmanac.query.parse import parse_query  # noqa: PLC0415  as above

        with local_answers() as context:
            yield (
                lambda query: local_answer(context, query),
                lambda query: list_changes(context, parse_query(query, CHANGES_FIELDS)),
                lambda: msgspec.json.encode(server_status(context)),
            )


def _record(shown: bytes) -> bytes:
    """The full view of a model in upstream's spelling."""
    members = msgspec.json.decode(shown, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(members | {"top_provider": members.pop("topProvider")})


def _row(found: Leaving) -> dict[str, object]:
    return {
        "id": found.id,
        "name": found.name,
        "last day": found.last_day,
        "days left": found.days_left if found.days_left >= 0 else _overdue(-found.days_left),
        "announced": None if found.announced_at is None else f"{found.announced_at:%Y-%m-%d}",
        "successor": found.successor,
    }


def _overdue(days: int) -> str:
    return f"overdue {days} day{'' if days == 1 else 's'}"
