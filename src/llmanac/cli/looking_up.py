"""One model with everything that is known of it: from a server, else from the local store."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

import msgspec

from llmanac.catalogue.ids import ModelId
from llmanac.cli.answers import read_answer
from llmanac.cli.asked import query_of
from llmanac.cli.exporting import exporting
from llmanac.cli.output import say
from llmanac.errors import InvalidParameter, LlmanacError, redact
from llmanac.query.fields import HISTORY_FIELDS, MODEL_FIELDS
from llmanac.query.parse import parse_query
from llmanac.render.changes import ShownChange
from llmanac.render.history import ModelHistory
from llmanac.render.removed import RemovedModel

if TYPE_CHECKING:
    from llmanac.answers.context import AnswerContext
    from llmanac.client import Client

_CHANGES = 5
_MAX_NEAR = 3
_SEARCHED_CHARACTERS = 200
_SEARCHED_WORDS = 16


class FoundModel(msgspec.Struct, frozen=True):
    """A model's JSON in the full view, and how it left if it is no longer listed."""

    model: msgspec.Raw
    removed: RemovedModel | None


class LookUp(Protocol):
    """What is known of models."""

    def model(self, name: str, as_of: str | None) -> FoundModel:
        """A model by its id, as it is or was."""

    def changes(self, name: str, as_of: str | None) -> tuple[ShownChange, ...]:
        """Its newest real changes, the newest first; none where no list was saved."""


@contextmanager
def looking_up(server: str | None, token: str | None) -> Iterator[LookUp]:
    """Of that server, else of the local store."""
    if server:
        from llmanac.client import Client  # noqa: PLC0415  slow

        with Client(server, token) as client:
            yield _Remote(client)
    else:
        from llmanac.cli.local import local_answers  # noqa: PLC0415  slow

        with local_answers() as context:
            yield _Local(context)


def full_ids(names: Iterable[str], server: str | None, token: str | None, *, named: str = "MODEL") -> list[str]:
    """Ids as they are; a name without author becomes the id that ends in it, which is said.

    Looks models up only where a name has no author.

    Args:
        named: What the user typed the names for.

    Raises:
        InvalidParameter: No id, or more than one, ends in a name; the hint has those that look like it.
    """
    return [name if "/" in name else _full_id(name, server, token, named) for name in names]


class _Named(msgspec.Struct):
    id: str


def _full_id(name: str, server: str | None, token: str | None, named: str) -> str:
    words = re.findall(r"[^\W_]+", name[:_SEARCHED_CHARACTERS])
    query = query_of({"q": " ".join(words[:_SEARCHED_WORDS]), "status": "active,expiring,removed"})
    alike: list[str] = []
    if words:
        with exporting(server, token) as export:
            alike = [read_answer(line, _Named).id for line in export("ndjson", query).splitlines()]
    ending = [each for each in alike if each.rpartition("/")[2].lower() == name.lower() and each[:1] != "~"]
    if len(ending) == 1:
        say(f"{name} is taken for {ending[0]}.")
        return ending[0]
    near = [each if each.isprintable() else repr(each) for each in (ending or alike)[:_MAX_NEAR]]
    hint = f"Did you mean {' or '.join(near)}?" if near else "llmanac list --q WORDS finds ids."
    raise InvalidParameter(f"{named}: Expected an id such as author/slug, got {redact(name)[:60]!r}", hint=hint)


class _Remote:
    def __init__(self, client: "Client") -> None:
        self._client = client

    def model(self, name: str, as_of: str | None) -> FoundModel:
        listed, body = self._client.look_up(f"{_path(name)}?{_model_query(as_of)}")
        if listed:
            return FoundModel(msgspec.Raw(body), None)
        removed = read_answer(body, RemovedModel)
        return FoundModel(removed.model, removed)

    def changes(self, name: str, as_of: str | None) -> tuple[ShownChange, ...]:
        path = f"{_path(name)}/history?{_history_query(as_of)}"
        return _newest(lambda: read_answer(self._client.get(path), ModelHistory))


class _Local:
    def __init__(self, context: "AnswerContext") -> None:
        self._context = context

    def model(self, name: str, as_of: str | None) -> FoundModel:
        from llmanac.answers.show_model import ModelRemoved, show_model  # noqa: PLC0415  as above
        from llmanac.query.read import read_as_of  # noqa: PLC0415  slow
        from llmanac.render.listing import View  # noqa: PLC0415  as above

        list_ref = self._context.lists.find(read_as_of(parse_query(_model_query(as_of), MODEL_FIELDS)))
        try:
            found = show_model(self._context, list_ref, ModelId(name), View.FULL)
        except ModelRemoved as gone:
            return FoundModel(gone.removed.model, gone.removed)
        return FoundModel(msgspec.Raw(found.body), None)

    def changes(self, name: str, as_of: str | None) -> tuple[ShownChange, ...]:
        from llmanac.answers.model_history import model_history  # noqa: PLC0415  slow

        return _newest(
            lambda: model_history(self._context, ModelId(name), parse_query(_history_query(as_of), HISTORY_FIELDS))
        )


def _newest(history: Callable[[], ModelHistory]) -> tuple[ShownChange, ...]:
    """The newest changes of a history.

    A list that was never saved, as the bundle, has none (404, 400 for its Serial 0); that is no failure.
    """
    try:
        return history().changes[:_CHANGES]
    except LlmanacError as problem:
        if problem.exit_code not in (1, 2):
            raise
        return ()


def _path(name: str) -> str:
    return f"/api/ai/models/{quote(name, safe='/:~')}"


def _model_query(as_of: str | None) -> str:
    return query_of({"view": "full", "as_of": as_of})


def _history_query(as_of: str | None) -> str:
    return query_of({"until": as_of})
