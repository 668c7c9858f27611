"""`fields.md`: what can be asked, from the one table of fields."""

from llmanac.query.fields import LISTING_FIELDS
from llmanac.query.parse import MAX_PARAMETERS, MAX_QUERY_CHARACTERS
from scripts.reference.markdown import code, page, table

_INTRODUCTION = f"""
The query parameters of `GET /api/ai/models`. Each may be given once. An unknown name, a doubled one or a value that is
not allowed answers 400 `INVALID_PARAMETER` and says what is allowed. A query may have up to
{MAX_QUERY_CHARACTERS} characters and {MAX_PARAMETERS} parameters.
"""


def fields_page() -> str:
    """The page."""
    rows = [
        (
            code(field.name),
            " ".join(map(code, field.allowed)),
            code(field.default),
            code(f"?{field.name}={field.example}"),
            field.help,
        )
        for field in LISTING_FIELDS.values()
    ]
    columns = ("parameter", "allowed", "default", "example", "what")
    return page("Fields", "`llmanac.query.fields`", _INTRODUCTION, table(columns, rows))
