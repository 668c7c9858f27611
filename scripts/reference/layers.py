"""`docs/reference/layers.md`: which room imports which, drawn from the imports themselves."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import grimp

from scripts.reference.markdown import fence, page

_PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
_OPENING = """\
An arrow says "imports". Where a room is reached by others anyway, its own arrow is left out. Rooms on one line do not
import each other. [Architecture](../architecture.md) says what each room is for."""

Rooms = Mapping[str, frozenset[str]]
"""Each with those that it imports."""


def layers_page() -> str:
    """The page: all rooms, and those of `web`."""
    graph = grimp.build_graph("llmanac")
    ignored = _ignored()
    return page(
        "Layers",
        "the imports",
        _OPENING,
        _drawn("The package", _rooms(graph, "llmanac", ignored)),
        _drawn("Inside web", _rooms(graph, "llmanac.web", ignored)),
    )


def _ignored() -> frozenset[tuple[str, str]]:
    """The exceptions among the layers of `web`, as import-linter has them."""
    contracts = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    pairs = (pair.split(" -> ") for each in contracts if each["id"] == "web" for pair in each["ignore_imports"])
    return frozenset((importer, imported) for importer, imported in pairs)


def _rooms(graph: grimp.ImportGraph, container: str, ignored: frozenset[tuple[str, str]]) -> Rooms:
    found: dict[str, set[str]] = {}
    for room in graph.find_children(container):
        modules = {room, *graph.find_descendants(room)}
        imported = {
            other
            for module in modules
            for other in graph.find_modules_directly_imported_by(module)
            if (module, other) not in ignored and other.startswith(f"{container}.") and other not in modules
        }
        found[_name(room, container)] = {_name(other, container) for other in imported}
    return {room: frozenset(imported) for room, imported in found.items()}


def _name(module: str, container: str) -> str:
    return module.removeprefix(f"{container}.").partition(".")[0]


def _drawn(title: str, rooms: Rooms) -> str:
    levels: dict[int, list[str]] = {}
    for room in sorted(rooms):
        levels.setdefault(_level(room, rooms), []).append(room)
    lines = "\n".join("  ".join(levels[level]) for level in sorted(levels, reverse=True))
    arrows = [f"  {room} --> {other}" for room in sorted(rooms) for other in sorted(_nearest(room, rooms))]
    return "\n\n".join((f"## {title}", fence(lines, "text"), fence("\n".join(("flowchart TD", *arrows)), "mermaid")))


def _level(room: str, rooms: Rooms) -> int:
    return 1 + max((_level(other, rooms) for other in rooms[room]), default=0)


def _nearest(room: str, rooms: Rooms) -> frozenset[str]:
    """Those that no other of them leads to."""
    return rooms[room] - {far for other in rooms[room] for far in _reached(other, rooms)}


def _reached(room: str, rooms: Rooms) -> frozenset[str]:
    return rooms[room].union(*(_reached(other, rooms) for other in rooms[room]))
