"""How wide the columns of a table are and which have no room. Ids and numbers are never broken."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from rich.cells import cell_len

GAP = 2
"""Spaces between two columns."""
_READABLE = 10
"""A text is folded to no less than this."""
_ID = r"~?[\w.-]+/[\w.:~-]+"
_NUMBER = r"[+-]?\$?[0-9][0-9,]*(?:\.[0-9]+)?"
_DAY_OR_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}(?::[0-9]{2})+"
_PIECE = re.compile(rf"{_DAY_OR_TIME}|{_ID}|{_NUMBER}(?:/M)?|[A-Za-z]{{1,9}}[-+_.,]?|.", re.DOTALL)
"""What is not broken: ids, numbers, days, times; and of a word without any, its parts."""
_AMOUNT = re.compile(r"[^\w.]*[0-9][0-9,]*(\.[0-9]+)?")


class Room(msgspec.Struct, frozen=True):
    """How narrow a column can be without breaking an id or a number, and how wide it would be by itself."""

    least: int
    most: int


def room_of(header: str, cells: Iterable[str], *, whole: bool) -> Room:
    """The room of a column.

    Args:
        whole: Its cells are ids or numbers, which stay on one line.
    """
    lines = [line for cell in cells for line in cell.splitlines()]
    most = max(map(cell_len, lines), default=0)
    if whole:
        least = most
    else:
        pieces = (len(piece) for line in lines for piece in _PIECE.findall(line))
        least = max(min(most, _READABLE), max(pieces, default=0))
    return Room(max(least, *map(cell_len, header.split(" "))), max(most, cell_len(header)))


def lay_out(rooms: Mapping[str, Room], width: int | None, may_go: Sequence[str]) -> Mapping[str, int]:
    """The width of each column that stays, in their order.

    Columns go only while the others have no room, in the order of `may_go`; what is left may be wider than `width`.

    Args:
        width: Of the terminal; None: there is no edge.
    """
    if width is None:
        return {name: room.most for name, room in rooms.items()}
    kept = dict(rooms)
    for name in may_go:
        if sum(room.least for room in kept.values()) + _gaps(kept) <= width:
            break
        kept.pop(name, None)
    widths = {name: room.least for name, room in kept.items()}
    for _ in range(width - _gaps(kept) - sum(widths.values())):
        growing = [name for name, room in kept.items() if widths[name] < room.most]
        if not growing:
            break
        # The one whose texts take the most lines.
        widths[max(growing, key=lambda name: kept[name].most / widths[name])] += 1
    return widths


def in_blocks(rooms: Mapping[str, Room], names: Collection[str], width: int | None) -> Sequence[Sequence[str]]:
    """The other columns in groups that have room beside `names`, which every group begins with."""
    blocks: list[list[str]] = [[]]
    for name in rooms:
        if name in names:
            continue
        beside = [rooms[each] for each in (*names, *blocks[-1], name)]
        if blocks[-1] and width is not None and sum(each.least + GAP for each in beside) - GAP > width:
            blocks.append([])
        blocks[-1].append(name)
    return blocks


def _gaps(columns: Mapping[str, Room]) -> int:
    return GAP * (len(columns) - 1)


def fold(text: str, width: int) -> str:
    """A text in lines of that width: broken at spaces, else anywhere but in an id or a number."""
    return "\n".join(line if cell_len(line) <= width else "\n".join(_folded(line, width)) for line in text.splitlines())


def _folded(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        line = ""
        for piece in [word] if cell_len(word) <= width else _PIECE.findall(word):
            if line and cell_len(line + piece) > width:
                yield line
                line = ""
            line += piece
    yield line


def align_points(cells: Sequence[str]) -> Sequence[str]:
    """Numbers for a column that is set to the right, with their decimal points under each other; words as they are."""
    parts = [(cell, _AMOUNT.fullmatch(cell)) for cell in cells]
    longest = max((len(found[1] or "") for _, found in parts if found), default=0)
    return [cell + " " * (longest - len(found[1] or "")) if found else cell for cell, found in parts]
