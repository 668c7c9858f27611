"""Paths → the files that are meant, in the order in which reading them is cheapest."""

import os
import stat
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from llmanac.archive.fetch import BadFile, ReadLimits, Unreadable, printable
from llmanac.archive.instant import Mtime, NoInstant, from_unix, instant_in_list, instant_in_name
from llmanac.archive.loose import told
from llmanac.archive.members import is_archive_name, is_list_name
from llmanac.archive.streams import BROKEN, Content, open_content

_ARCHIVES_FIRST = datetime.min.replace(tzinfo=UTC)
_UNKNOWN_LAST = datetime.max.replace(tzinfo=UTC)


def find_files(paths: Iterable[Path]) -> tuple[dict[Path, os.stat_result], list[BadFile]]:
    """The files that are meant, each once, as they are now; and what is none.

    In a folder and the folders below it those are meant that are named like lists or tars; links to folders are not
    followed. The sum of the files' sizes is what `read_bytes` ends at.
    """
    files: dict[Path, os.stat_result] = {}
    bad: list[BadFile] = []
    for path in paths:
        status = _look(path)
        if isinstance(status, str):
            bad.append(BadFile(printable(str(path)), status))
        elif stat.S_ISDIR(status.st_mode):
            below = _files_below(path, bad)
            files |= below
            if not below:
                bad.append(BadFile(printable(str(path)), "Expected lists or tars in this folder, got none"))
        elif stat.S_ISREG(status.st_mode):
            files[path] = status
        else:
            bad.append(BadFile(printable(str(path)), "Expected a file or a folder, got neither"))
    return files, bad


def _files_below(folder: Path, bad: list[BadFile]) -> dict[Path, os.stat_result]:
    def note(problem: OSError) -> None:
        bad.append(BadFile(printable(str(problem.filename)), told(problem)))

    found: dict[Path, os.stat_result] = {}
    for parent, folders, names in os.walk(folder, onerror=note):
        folders.sort()
        for path in (Path(parent, name) for name in sorted(names) if is_list_name(name) or is_archive_name(name)):
            status = _look(path)
            if isinstance(status, str):
                bad.append(BadFile(printable(str(path)), status))
            elif stat.S_ISREG(status.st_mode):
                found[path] = status
    return found


def _look(path: Path) -> os.stat_result | str:
    try:
        return path.stat()
    except (OSError, ValueError) as problem:
        return told(problem)


def in_order(
    files: Mapping[Path, os.stat_result], said: datetime | Mtime | None, limits: ReadLimits
) -> Mapping[Path, os.stat_result]:
    """Archives as they were given, then plain files by their instants, so that they come forwards.

    A plain file is opened only if its name tells nothing; one whose instant is unknown comes last.
    """
    if len(files) < 2:
        return files
    return dict(sorted(files.items(), key=lambda file: _place(file[0], file[1], said, limits)))


def _place(path: Path, status: os.stat_result, said: datetime | Mtime | None, limits: ReadLimits) -> datetime:
    if is_archive_name(path.name):
        return _ARCHIVES_FIRST
    found = from_unix(status.st_mtime) if said == "mtime" else instant_in_name(path.name)
    found = found or _instant_inside(path, limits)
    return found if isinstance(found, datetime) else _UNKNOWN_LAST


def _instant_inside(path: Path, limits: ReadLimits) -> datetime | NoInstant | None:
    try:
        with path.open("rb") as file, open_content(file, limits) as (content, stream):
            return (
                _ARCHIVES_FIRST if content is Content.TAR else instant_in_list(stream.take_all(limits.max_list_bytes))
            )
    except (Unreadable, *BROKEN):
        # Told when its turn comes.
        return None
