"""The list in the files that other tools read."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from llmanac.answers.context import AnswerContext
from llmanac.answers.export_fields import CSV, LITELLM, MODELS_DEV, NDJSON, Export
from llmanac.answers.list_ref import ListRef, exact
from llmanac.catalogue.ids import ModelId
from llmanac.query.query import Query
from llmanac.query.row import REMOVED, Row
from llmanac.query.search import search
from llmanac.render.listing import Removal
from llmanac.render.ndjson import render_ndjson


class _Chosen(msgspec.Struct, frozen=True):
    """What goes into an export: the rows that were asked for, and the list they are of."""

    version: str
    list_ref: ListRef
    rows: tuple[Row, ...]
    removals: Mapping[ModelId, Removal]
    """What is known of the leaving of rows that are no longer listed."""

    def about(self) -> Mapping[str, str]:
        """Which list it is, for files that can say so; nothing that changes while the list does not."""
        return {
            "llmanac.serial": str(self.list_ref.serial),
            "llmanac.taken_at": exact(self.list_ref.changed_at),
            "llmanac.version": self.version,
        }


def _render(export: Export, chosen: _Chosen) -> bytes:
    """The file. Only its own writer is loaded."""
    match export.name:
        case LITELLM.name:
            from llmanac.render.litellm import render_litellm  # noqa: PLC0415  see above

            return render_litellm(chosen.rows)
        case MODELS_DEV.name:
            from llmanac.render.models_dev import render_models_dev  # noqa: PLC0415  see above

            return render_models_dev(chosen.rows)
        case CSV.name:
            from llmanac.render.spreadsheet import render_spreadsheet  # noqa: PLC0415  see above

            return render_spreadsheet(chosen.rows)
        case NDJSON.name:
            return render_ndjson(chosen.rows, chosen.removals)
        case _:
            from llmanac.render.parquet import render_parquet  # noqa: PLC0415  see above

            return render_parquet(chosen.rows, chosen.about())


def export_models(context: AnswerContext, export: Export, list_ref: ListRef, query: Query, *, now: datetime) -> bytes:
    """The body of an export, of one list.

    Args:
        now: See `ListRef.ages_from`.

    Raises:
        ExtraNotInstalled: This installation cannot make it.
        StoreError: The store cannot be read.
    """
    table = context.lists.search_table(list_ref, removed=REMOVED in query.status, every=True)
    page = search(table.index, query, now=now)
    return _render(export, _Chosen(context.version, list_ref, page.rows, table.removals))
