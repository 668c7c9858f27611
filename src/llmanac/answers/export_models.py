"""The list in the files that other tools read."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from llmanac.answers.context import AnswerContext
from llmanac.answers.export_fields import CSV, LITELLM, MODELS_DEV, NDJSON, PARQUET, Export
from llmanac.answers.list_ref import Then, exact
from llmanac.catalogue.ids import ModelId
from llmanac.query.query import Query
from llmanac.query.row import REMOVED, Row
from llmanac.query.search import search
from llmanac.render.listing import Removal
from llmanac.render.litellm import render_litellm
from llmanac.render.models_dev import render_models_dev
from llmanac.render.ndjson import render_ndjson
from llmanac.render.parquet import render_parquet
from llmanac.render.spreadsheet import render_spreadsheet


class _Chosen(msgspec.Struct, frozen=True):
    """What goes into an export: the rows that were asked for, and the list they are of."""

    version: str
    then: Then
    rows: tuple[Row, ...]
    removals: Mapping[ModelId, Removal]
    """What is known of the leaving of rows that are no longer listed."""

    def about(self) -> Mapping[str, str]:
        """Which list it is, for files that can say so; nothing that changes while the list does not."""
        return {
            "llmanac.serial": str(self.then.serial),
            "llmanac.taken_at": exact(self.then.changed_at),
            "llmanac.version": self.version,
        }


_MAKERS: Mapping[Export, Callable[[_Chosen], bytes]] = MappingProxyType(
    {
        LITELLM: lambda chosen: render_litellm(chosen.rows),
        MODELS_DEV: lambda chosen: render_models_dev(chosen.rows),
        CSV: lambda chosen: render_spreadsheet(chosen.rows),
        NDJSON: lambda chosen: render_ndjson(chosen.rows, chosen.removals),
        PARQUET: lambda chosen: render_parquet(chosen.rows, chosen.about()),
    }
)


def make_export(context: AnswerContext, export: Export, then: Then, query: Query, *, now: datetime) -> bytes:
    """The body of an export, of one list.

    Args:
        now: See `Then.ages_from`.

    Raises:
        ExtraNotInstalled: This installation cannot make it.
        StoreError: The store cannot be read.
    """
    sought = context.past.sought(then, removed=REMOVED in query.status, every=True)
    page = search(sought.index, query, now=now)
    return _MAKERS[export](_Chosen(context.version, then, page.rows, sought.removals))
