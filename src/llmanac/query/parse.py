"""A query string → values, by the table of fields."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from llmanac.errors import InvalidParameter, redact
from llmanac.query.field import Field, FieldKind
from llmanac.query.read import Refused, check_value, read_words

MAX_QUERY_CHARACTERS = 8192
MAX_PARAMETERS = 100
_SHOWN_CHARACTERS = 60


def parse_query(query: str, fields: Mapping[str, Field]) -> dict[str, str]:
    """The value of every field, defaults filled in (`""`: not asked).

    Raises:
        InvalidParameter: A name is unknown or doubled, or a value is not allowed; it says which are.
    """
    if len(query) > MAX_QUERY_CHARACTERS:
        raise InvalidParameter(f"Expected a query of at most {MAX_QUERY_CHARACTERS} characters, got {len(query)}")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise InvalidParameter(f"Expected at most {MAX_PARAMETERS} parameters in UTF-8, got another query") from None
    values: dict[str, str] = {}
    for name, value in pairs:
        field = fields.get(name)
        if field is None:
            raise _unknown(name, fields)
        if name in values and field.kind is not FieldKind.IGNORED:
            raise InvalidParameter(f"Expected {name} once, got it again", hint=f"Send {name} once.", parameter=name)
        try:
            check_value(field, value)
        except ValueError as problem:
            raise _refuse(field, value, problem) from None
        # A search for nothing is a search, which finds nothing; `""` would be none.
        values[name] = value or (" " if field.kind is FieldKind.FORGIVING_SEARCH else "")
    return {name: values.get(name, field.default) for name, field in fields.items()}


def _refuse(field: Field, value: str, problem: ValueError) -> InvalidParameter:
    reason = problem.reason if isinstance(problem, Refused) else ""
    return InvalidParameter(
        f"{field.name}: Expected {problem}, got {_shown(value)!r}",
        hint=reason or _did_you_mean(_first_wrong(value, field.allowed), field.allowed),
        parameter=field.name,
    )


def _unknown(name: str, fields: Mapping[str, Field]) -> InvalidParameter:
    known = ", ".join(fields) or "none"
    # The value is left out on purpose: a credential sent as a parameter must not come back in an answer or a log.
    return InvalidParameter(
        f"Unknown parameter {_shown(name)!r}; known: {known}",
        hint=_did_you_mean(name, tuple(fields)),
        parameter=_shown(name),
    )


def _shown(text: str) -> str:
    """The beginning of a text. A secret is looked for before it is cut, as the first part of one looks like none."""
    return redact(text)[:_SHOWN_CHARACTERS]


def _first_wrong(value: str, allowed: tuple[str, ...]) -> str:
    return next((word for word in read_words(value) if word not in allowed), value)


def _did_you_mean(word: str, known: tuple[str, ...]) -> str:
    from llmanac.query.near import near_words  # noqa: PLC0415  4 MB, which only a wrong word needs

    near = near_words(word[:_SHOWN_CHARACTERS], known)
    return f"Did you mean {' or '.join(filter(None, (', '.join(near[:-1]), near[-1])))}?" if near else ""
