"""Ids in a statement as one value, however many they are.

`IN` with a parameter for each would be written out, prepared and planned anew for every number of them: of 700 ids that
alone took PostgreSQL's driver longer than the rows.
"""

from collections.abc import Iterable

from sqlalchemy import ARRAY, BigInteger, ColumnElement, String, any_, bindparam, cast, func, select

IDS = "ids"
"""The parameter of a statement with `among`; `ids_value` makes its value."""


def among(dialect: str, column: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a column holds one of the ids of the parameter `IDS`.

    Args:
        dialect: SQLAlchemy's name of the database.
    """
    if dialect == "postgresql":
        return column == any_(cast(bindparam(IDS, type_=String), ARRAY(BigInteger)))
    values = func.json_each(bindparam(IDS, type_=String)).table_valued("value")
    return column.in_(select(values.c.value))


def ids_value(dialect: str, ids: Iterable[int]) -> str:
    """The value of the parameter `IDS`: an array as the database writes it, which takes its driver no time."""
    listed = ",".join(map(str, sorted(set(ids))))
    return f"{{{listed}}}" if dialect == "postgresql" else f"[{listed}]"
