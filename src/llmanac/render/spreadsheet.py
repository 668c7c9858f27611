"""Models as CSV (RFC 4180): UTF-8, commas, CRLF, a line of column names first."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from llmanac.catalogue.money import plain
from llmanac.query.row import Row
from llmanac.render.columns import COLUMNS, Cell

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so is a formula for spreadsheets, and upstream's texts are anybody's (OWASP, "CSV injection")."""

_MARK = "'"
"""What spreadsheets put before a text that is no formula."""


def render_spreadsheet(rows: Iterable[Row]) -> bytes:
    """One line a model, in the order of the rows. Texts that a spreadsheet would run are marked, see `safe`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    for row in rows:
        writer.writerow([safe(_words(column.read(row))) for column in COLUMNS])
    return text.getvalue().encode()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it, also where there was one already.

    So other readers get the text back by leaving out one leading apostrophe.
    """
    return _MARK + text if text.startswith((*_BEGIN_FORMULAS, _MARK)) else text


def _words(value: Cell) -> str:
    """A cell as text; an empty one is not stated. Several texts have commas between."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return ",".join(value)
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
