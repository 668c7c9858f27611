"""What each list must be said to have changed, worked out from the rows that upstream served."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.kept import integer
from tests.chaos.lists import rows_at
from tests.chaos.stores import Database

Said = tuple[str, str, str | None, str | None]
"""Kind, field, before and after of one model, the latter two as JSON."""

FIELDS = (("name",), ("pricing", "prompt"))
"""All that ever differs in a model that stays; measurements are no change."""

CAUSES = frozenset({"real", "window", "representation", "alias", "scope"})


def change_faults(database: Database, versions: Mapping[int, int]) -> Iterator[str]:
    """Where the changes of a Serial are not what became of the models since the Serial before.

    Args:
        versions: What each Serial has, as far as it can be read.
    """
    said = _said(database)
    last: dict[str, Mapping[str, object]] = {}
    listed: set[str] = set()
    for serial in sorted(versions):
        now = {str(row["id"]): row for row in rows_at(versions[serial])}
        expected = dict(_expected(now, last, listed))
        found = said.pop(serial, {})
        for model in sorted(expected.keys() | found.keys()):
            if sorted(expected.get(model, ())) != sorted(found.get(model, ())):
                yield f"Serial {serial} says of {model}: {found.get(model)}, expected {expected.get(model)}"
        last |= now
        listed = set(now)
    if said:
        yield f"changes of lists that cannot be read or are not there: {sorted(said)}"
    for row in database.rows("SELECT model, field, own_cause, cause FROM change WHERE cause <> own_cause"):
        if tuple(row[2:]) != ("real", "flap"):
            yield f"a label that is none: {tuple(row)}"
    causes = {str(row[0]) for row in database.rows("SELECT DISTINCT own_cause FROM change")}
    if causes - CAUSES:
        yield f"causes that no comparison gives: {sorted(causes - CAUSES)}"


def _expected(
    now: Mapping[str, Mapping[str, object]], last: Mapping[str, Mapping[str, object]], listed: set[str]
) -> Iterator[tuple[str, list[Said]]]:
    """By model. `last` are the newest records of all that ever were, `listed` the ids of the list before."""
    for model in listed - now.keys():
        yield model, [("removed", "", _without_measurements(last[model]), None)]
    for model, row in now.items():
        differences = [*_differences(last[model], row)] if model in last else []
        if model not in listed:
            differences.append(("returned" if model in last else "added", "", None, _without_measurements(row)))
        if differences:
            yield model, differences


def _differences(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Said]:
    for path in FIELDS:
        before, after = _at(old, path), _at(new, path)
        if before != after:
            yield "renamed" if path == ("name",) else "price", ".".join(path), _json(before), _json(after)


def _at(row: Mapping[str, object], path: tuple[str, ...]) -> object:
    found: object = row
    for name in path:
        assert isinstance(found, dict)
        found = found.get(name)
    return found


def _said(database: Database) -> dict[int, dict[str, list[Said]]]:
    """By Serial and model."""
    found: dict[int, dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
    for serial, model, kind, field, before, after in database.rows(
        'SELECT snapshot.serial, model, kind, field, "before", "after" FROM change'
        " JOIN snapshot ON snapshot.id = change.snapshot_id"
    ):
        sides = (None if text is None else _json(json.loads(str(text))) for text in (before, after))
        found[integer(serial)][str(model)].append((str(kind), str(field), next(sides), next(sides)))
    return found


def _without_measurements(row: Mapping[str, object]) -> str:
    """What is measured by others is kept apart."""
    return _json({name: None if name == "benchmarks" else value for name, value in row.items()})


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
