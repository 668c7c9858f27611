"""A store with lists and a server on it, and commands that ask the one and the other.

with open_house(tmp_path, (0, first), (24, second)) as house:
    house.both("list", "--format", "csv")
    house.ask("list", "--limit", "3")
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.build import Record
from tests.cli.command import Ended, llmanac
from tests.remembered import Memory, remembering
from tests.serving import TOKEN


@dataclass(frozen=True)
class House:
    """What commands need to find the store or the server."""

    memory: Memory
    local: dict[str, str]
    remote: dict[str, str]

    def ask(self, *arguments: str) -> Ended:
        """What the server says: much quicker than the local store, which `both` proves to say the same."""
        return llmanac(*arguments, **self.remote)

    def both(self, *arguments: str) -> Ended:
        """What the local store and the server say, which is the same."""
        ended = llmanac(*arguments, **self.local)
        assert self.ask(*arguments) == ended
        return ended


@contextmanager
def open_house(path: Path, *lists: tuple[float, Sequence[Record]]) -> Iterator[House]:
    """The hours since the first list, and the list."""
    url = f"sqlite:///{path / 'llmanac.db'}"
    with remembering(url, path, *lists) as memory:
        local = {
            "LLMANAC_DATABASE_URL": url,
            "OPENROUTER_BASE_URL": memory.pipeline.upstream.base_url,
            "LLMANAC_OFFLINE": "true",
        }
        yield House(memory, local, {"LLMANAC_SERVER": memory.served.url, "LLMANAC_TOKEN": TOKEN})
