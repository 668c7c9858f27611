"""A question: in words, as a request, which rows of the answer count, and what proves them."""

import json
import operator
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from scripts.twenty_questions.proofs import Proof, Rows

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]

_COMPARED = MappingProxyType({"==": operator.eq, "<=": operator.le, ">=": operator.ge})
_STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class Kept:
    """Only rows in which this member compares so with the value. Texts compare by their characters, as in jq."""

    member: str
    compared: str
    """`==`, `<=` or `>=`."""
    value: bool | int | str

    def __str__(self) -> str:
        """The filter of jq."""
        return f"select(.{self.member} {self.compared} {json.dumps(self.value)})"

    def keeps(self, row: Json) -> bool:
        """Whether a row is kept. What is of another kind is not."""
        found = at(row, self.member)
        return type(found) is type(self.value) and bool(_COMPARED[self.compared](found, self.value))


@dataclass(frozen=True)
class Picked:
    """What of an answer the question is about."""

    where: str
    """The path of an array; empty when the answer itself is the one row."""
    members: tuple[str, ...]
    kept: Kept | None = None

    def __str__(self) -> str:
        """The program for jq, which gives the rows one a line."""
        row = f"[{', '.join(f'.{member}' for member in self.members)}]"
        return " | ".join(
            [*([f".{self.where}[]"] if self.where else []), *([str(self.kept)] if self.kept else []), row]
        )

    def of(self, answer: Json) -> Rows:
        """The rows.

        Raises:
            TypeError: The answer has no such array.
        """
        return [[at(row, member) for member in self.members] for row in self._rows(answer)]

    def _rows(self, answer: Json) -> Iterator[Json]:
        if not self.where:
            yield answer
            return
        array = at(answer, self.where)
        if not isinstance(array, list):
            raise TypeError(f"Expected rows at {self.where}, got {json.dumps(answer)[:300]}")
        yield from (row for row in array if self.kept is None or self.kept.keeps(row))


def at(value: Json, path: str) -> Json:
    """What is at `text[0].models`; None where nothing is, as in jq."""
    for step in _STEP.findall(path):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


@dataclass(frozen=True)
class Question:
    """One of the twenty."""

    words: str
    path: str
    asked: Mapping[str, str]
    """The parameters of the request."""
    picked: Picked
    proof: Proof
    """Gives what the picked rows must be."""
    body: Mapping[str, Json] | None = None
    """Of a POST."""
    command: tuple[str, ...] | None = None
    """The arguments of `llmanac` that ask the same; None where there is no such command."""
    command_at: str = ""
    """Where in the command's JSON the answer is; empty where it is the answer."""
    note: str = ""
    """What to know before relying on the answer."""

    @property
    def target(self) -> str:
        """Path and query. `:`, `,`, `/` and `~` stand as they are, as they may in a query."""
        return f"{self.path}?{urlencode(self.asked, safe=':,/~')}" if self.asked else self.path

    @property
    def curl(self) -> str:
        """The request as a line for the shell, with `$LLMANAC` and `$AUTH`."""
        sent = "" if self.body is None else f" --json {shlex.quote(json.dumps(self.body))}"
        return f'curl -s -H "$AUTH" "$LLMANAC{self.target}"{sent} \\\n    | jq -c {shlex.quote(str(self.picked))}'
