"""`fields.md`: what can be asked, from the one table of fields."""

from collections.abc import Mapping
from urllib.parse import urlencode

from llmanac.query.fields import LISTING_FIELDS, Field, FieldKind
from llmanac.query.parse import MAX_PARAMETERS, MAX_QUERY_CHARACTERS
from llmanac.query.read import MAX_SEARCH_CHARACTERS, MAX_SEARCH_WORDS, MAX_WORDS
from llmanac.web.hot_path import PATH
from llmanac.web.routes.table import ROUTE_FIELDS
from scripts.reference.markdown import code, page, table

_INTRODUCTION = f"""
What can be asked of each route, as query parameters of HTTP and as options of the commands. Each may be given once. An
unknown name, a doubled one or a value that is not allowed answers 400 `INVALID_PARAMETER` and says what is allowed. A
query may have up to {MAX_QUERY_CHARACTERS} characters and {MAX_PARAMETERS} parameters.
"""

_ROUTES: Mapping[str, Mapping[str, Field]] = {PATH: LISTING_FIELDS, **ROUTE_FIELDS}

_PLAIN = ",/:~"
"""What a query string need not escape, and is read more easily without."""

_MOMENTS = """
## Moments

A moment is one of three:

* an instant in the manner of RFC 3339: `2026-03-08T10:00:00+02:00`. Any offset from UTC will do, but one must be there.
  What is finer than a microsecond is cut. A `+` that was not escaped as `%2B` is understood.
* a date: `2026-03-08` is its first instant in UTC.
* a Serial: digits alone. So `2026` is the list with that number, and no year.
"""


def fields_page() -> str:
    """The page. A route that is asked what another one is asked refers to it."""
    parts: list[str] = []
    told: list[tuple[str, Mapping[str, Field]]] = []
    for path, fields in _ROUTES.items():
        shown = path.replace(":slug}", "}")
        same = next((other for other, before in told if before == fields), None)
        parts += [f"## `GET {shown}`", f"As `GET {same}`." if same else _table(fields)]
        told.append((shown, fields))
    return page("Fields", "`llmanac.query.fields`", _INTRODUCTION, *parts, _MOMENTS)


def _table(fields: Mapping[str, Field]) -> str:
    rows = [
        (
            code(field.name),
            _allowed(field),
            field.operator.value,
            code(field.default),
            code(f"?{urlencode({field.name: field.example}, safe=_PLAIN)}"),
            field.help,
        )
        for field in fields.values()
    ]
    return table(("parameter", "allowed", "filters by", "default", "example", "what"), rows)


def _allowed(field: Field) -> str:
    words = " ".join(map(code, field.allowed))
    bounds = f"{field.at_least} to {field.at_most} {field.unit}".rstrip()
    return {
        FieldKind.CHOICE: f"one of {words}",
        FieldKind.CHOICES: f"some of {words}, with commas between",
        FieldKind.TEXTS: f"up to {MAX_WORDS} words with commas between",
        FieldKind.NAMES: f"up to {MAX_WORDS} names of members with commas between",
        FieldKind.SEARCH: f"up to {MAX_SEARCH_WORDS} words in {MAX_SEARCH_CHARACTERS} characters",
        FieldKind.FORGIVING_SEARCH: f"up to {MAX_SEARCH_WORDS} words in {MAX_SEARCH_CHARACTERS} characters",
        FieldKind.SORT: f"some of {words}, with commas between, `-` before one of ours",
        FieldKind.MOMENT: "a [moment](#moments)",
        FieldKind.WHOLE: bounds,
        FieldKind.DECIMAL: f"{bounds}, with up to two decimals",
        FieldKind.PRICE: f"{bounds}, in plain digits",
        FieldKind.CURSOR: "the `next` of a page",
        FieldKind.IGNORED: "anything",
    }[field.kind]
