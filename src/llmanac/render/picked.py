"""Some members of a model instead of all, in the order that the model has them in."""

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from llmanac.catalogue.record import members
from llmanac.errors import InvalidParameter
from llmanac.render.listing import ListedArchitecture, ListedModel, ListedPricing, ListedTopProvider

_NESTED = MappingProxyType(
    {"architecture": ListedArchitecture, "topProvider": ListedTopProvider, "pricing": ListedPricing}
)
_CONTRACT = frozenset[tuple[str, ...]](
    (
        *((name,) for name in ListedModel.__struct_fields__),
        *((outer, inner) for outer, shape in _NESTED.items() for inner in shape.__struct_fields__),
    )
)
_MAX_NEAR = 3

Path = tuple[str, ...]
"""The name of a member, and of one inside it, and so on."""

Plan = Mapping[str, "Plan"]
"""The members to pick, each with those to pick inside it; none inside is all of it."""


def read_plan(paths: Iterable[Path]) -> Plan:
    """What these paths pick. A member that is named whole is whole, whatever else is named inside it."""
    plan: dict[str, Plan] = {}
    inside: dict[str, list[Path]] = {}
    for first, *rest in paths:
        inside.setdefault(first, []).append(tuple(rest))
    for name, within in inside.items():
        plan[name] = {} if () in within else read_plan(within)
    return plan


def pick(whole: bytes, plan: Plan) -> bytes:
    """The planned members of a JSON object, byte for byte; those it lacks are left out, what is no object is whole."""
    picked: dict[str, msgspec.Raw] = {}
    for name, raw in members(whole).items():
        inside = plan.get(name)
        if inside is not None:
            picked[name] = msgspec.Raw(pick(raw, inside) if inside and raw[:1] == b"{" else raw)
    return msgspec.json.encode(picked)


def check_paths(paths: Iterable[Path], models: Iterable[bytes]) -> None:
    """Whether each path leads to a member of a model.

    Args:
        models: The JSON of every model of the list; read only for members beyond the contract's, until each was seen.
            A member of the contract is known even if no model states it.

    Raises:
        InvalidParameter: One leads nowhere, in a list that has models.
    """
    unseen = set(paths) - _CONTRACT
    depth = max(map(len, unseen), default=0)
    seen: set[Path] = set()
    for whole in models if unseen else ():
        found = _paths(whole, depth)
        unseen -= found
        seen |= found
        if not unseen:
            return
    if seen and unseen:
        raise _unknown(min(unseen), seen | _CONTRACT)


def _paths(value: bytes, depth: int) -> set[Path]:
    paths: set[Path] = set()
    for name, raw in members(value).items():
        paths.add((name,))
        if depth > 1 and raw[:1] == b"{":
            paths |= {(name, *inner) for inner in _paths(raw, depth - 1)}
    return paths


def _unknown(path: Path, known: set[Path]) -> InvalidParameter:
    outer, last = path[:-1], path[-1]
    siblings = sorted(each[-1] for each in known if each[:-1] == outer)
    near = [(*outer, each) for each in difflib.get_close_matches(last, siblings, n=_MAX_NEAR)]
    near += sorted(each for each in known if each[-1] == last)
    there = ", ".join(siblings) or "no members"
    where = f"{'.'.join(outer)} has {there}" if outer else f"there are {there}"
    words = " or ".join(".".join(each) for each in near)
    return InvalidParameter(
        f"fields: Expected members of a model, got {'.'.join(path)!r}; {where}",
        hint=f"Did you mean {words}?" if words else "view=full shows every member that upstream sent.",
    )
