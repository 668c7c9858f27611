"""What is asked: workloads that tell the libraries apart, and the single rates they are made of."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

from llmanac.cost.workload import Workload

NOON = datetime.fromisoformat("2026-10-26T12:00:00+00:00")
"""A Monday's noon, on the day of the bundled list."""
NIGHT = datetime.fromisoformat("2026-10-26T02:30:00+00:00")


class Case(msgspec.Struct, frozen=True):
    """One workload, by what it tests."""

    name: str
    workload: Workload


def _case(name: str, prompt: int, completion: int, *, read: int = 0, written: int = 0, at: datetime = NOON) -> Case:
    workload = Workload(
        prompt_tokens=prompt, completion_tokens=completion, cache_read_tokens=read, cache_write_tokens=written, at=at
    )
    return Case(name, workload)


CASES = (
    _case("plain: 1,800 in, 400 out", 1800, 400),
    _case("cache read: 20,000 in, 16,000 of them cached", 20_000, 400, read=16_000),
    _case("cache write: 20,000 in, 8,000 of them written", 20_000, 400, written=8000),
    _case("at a tier's edge: 200,000 in", 200_000, 1000),
    _case("beyond it: 200,001 in", 200_001, 1000),
    _case("far beyond: 300,000 in", 300_000, 1000),
    _case("by night: 1,800 in, 400 out at 02:30 UTC", 1800, 400, at=NIGHT),
)

RATES: Mapping[str, Workload] = MappingProxyType(
    {
        "prompt": Workload(prompt_tokens=1000, at=NOON),
        "completion": Workload(completion_tokens=1000, at=NOON),
        "input_cache_read": Workload(prompt_tokens=1000, cache_read_tokens=1000, at=NOON),
        "input_cache_write": Workload(prompt_tokens=1000, cache_write_tokens=1000, at=NOON),
    }
)
"""A thousand of each, to learn what a library takes for one."""


def question(model: str, workload: Workload) -> dict[str, str | int]:
    """As the other libraries' scripts are asked."""
    assert isinstance(workload.at, datetime), "every case has an instant"
    return {
        "model": model,
        "prompt_tokens": workload.prompt_tokens,
        "completion_tokens": workload.completion_tokens,
        "cache_read_tokens": workload.cache_read_tokens,
        "cache_write_tokens": workload.cache_write_tokens,
        "at": workload.at.isoformat(),
    }
