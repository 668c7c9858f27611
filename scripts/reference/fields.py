"""`fields.md`: what can be asked, from the one table of fields."""

from collections.abc import Mapping

from llmanac.query.fields import CHANGES_FIELDS, HISTORY_FIELDS, LISTING_FIELDS, MODEL_FIELDS, Field, FieldKind
from llmanac.query.parse import MAX_PARAMETERS, MAX_QUERY_CHARACTERS
from llmanac.query.read import MAX_WORDS
from scripts.reference.markdown import code, page, table

_INTRODUCTION = f"""
What can be asked of each route, as query parameters of HTTP and as options of the commands. Each may be given once. An
unknown name, a doubled one or a value that is not allowed answers 400 `INVALID_PARAMETER` and says what is allowed. A
query may have up to {MAX_QUERY_CHARACTERS} characters and {MAX_PARAMETERS} parameters.
"""

_ROUTES: tuple[tuple[str, Mapping[str, Field]], ...] = (
    ("/api/ai/models", LISTING_FIELDS),
    ("/api/ai/models/{author}/{slug}", MODEL_FIELDS),
    ("/api/ai/models/{author}/{slug}/history", HISTORY_FIELDS),
    ("/api/ai/changes", CHANGES_FIELDS),
)

_MOMENTS = """
## Moments

A moment is one of three:

* an instant in the manner of RFC 3339: `2026-03-08T10:00:00+02:00`. Any offset from UTC will do, but one must be there.
  What is finer than a microsecond is cut. A `+` that was not escaped as `%2B` is understood.
* a date: `2026-03-08` is its first instant in UTC.
* a Serial: digits alone. So `2026` is the list with that number, and no year.
"""


def fields_page() -> str:
    """The page."""
    return page(
        "Fields",
        "`llmanac.query.fields`",
        _INTRODUCTION,
        *(part for path, fields in _ROUTES for part in (f"## `GET {path}`", _table(fields))),
        _MOMENTS,
    )


def _table(fields: Mapping[str, Field]) -> str:
    rows = [
        (
            code(field.name),
            _allowed(field),
            code(field.default),
            code(f"?{field.name}={field.example}"),
            field.help,
        )
        for field in fields.values()
    ]
    return table(("parameter", "allowed", "default", "example", "what"), rows)


def _allowed(field: Field) -> str:
    words = " ".join(map(code, field.allowed))
    bounds = f"{field.at_least} to {field.at_most}"
    return {
        FieldKind.CHOICE: f"one of {words}",
        FieldKind.CHOICES: f"some of {words}, with commas between",
        FieldKind.TEXTS: f"up to {MAX_WORDS} words with commas between",
        FieldKind.MOMENT: "a [moment](#moments)",
        FieldKind.WHOLE: bounds,
        FieldKind.DECIMAL: f"{bounds}, with up to two decimals",
        FieldKind.CURSOR: "the `next` of a page",
    }[field.kind]
