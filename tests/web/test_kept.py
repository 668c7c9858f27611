"""Results stay within their bytes, and work that many ask for is done once."""

import asyncio
import threading
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmanac.web.kept import _ENTRY_BYTES, Kept, Once
from tests.strategies import quick

ROOM = 4 * (_ENTRY_BYTES + 100)


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    kept: Kept[str, int] = Kept(ROOM)
    for number, key in enumerate("abcd"):
        kept.keep(key, number, 100)
    assert kept.find("a") == 0
    kept.keep("e", 4, 100)
    assert kept.find_all("abcde") == {"a": 0, "c": 2, "d": 3, "e": 4}
    kept.keep("f", 5, 100)
    assert kept.find_all("abcdef") == {"c": 2, "d": 3, "e": 4, "f": 5}


def test_what_is_too_large_is_not_kept_and_takes_the_place_of_nothing() -> None:
    kept: Kept[str, int] = Kept(ROOM)
    kept.keep("a", 1, 10)
    kept.keep("b", 2, ROOM)
    assert kept.find_all("ab") == {"a": 1}
    kept.keep("a", 3, ROOM)
    assert kept.find("a") is None
    nothing: Kept[str, int] = Kept(0)
    nothing.keep("a", 1, 0)
    assert nothing.find("a") is None


@quick
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, ROOM + 10))))
def test_a_value_is_the_last_that_was_kept_and_the_bytes_are_bounded(steps: list[tuple[int, int]]) -> None:
    kept: Kept[int, int] = Kept(ROOM)
    last: dict[int, int] = {}
    for step, (key, size) in enumerate(steps):
        kept.keep(key, step, size)
        last[key] = step
        found = kept.find_all(range(10))
        assert found.items() <= last.items()
        sizes = [steps[made][1] + _ENTRY_BYTES for made in found.values()]
        assert sum(sizes) <= ROOM
        assert (key in found) == (size + _ENTRY_BYTES <= ROOM)


def test_many_who_ask_at_once_wait_for_one_doing() -> None:
    done: list[str] = []

    def work(name: str) -> str:
        done.append(name)
        return name * 2

    async def ask() -> list[str]:
        once: Once[str] = Once(asyncio.Semaphore(2))
        return await asyncio.gather(*(once.do(name, partial(work, name)) for name in "abc" * 50))

    assert asyncio.run(ask()) == ["aa", "bb", "cc"] * 50
    assert sorted(done) == ["a", "b", "c"]


def test_only_so_many_work_at_one_time() -> None:
    running, most = set[int](), 0
    both = threading.Barrier(2)

    def work(number: int) -> None:
        nonlocal most
        running.add(number)
        most = max(most, len(running))
        both.wait(20)
        running.discard(number)

    async def ask() -> None:
        once: Once[None] = Once(asyncio.Semaphore(2))
        await asyncio.gather(*(once.do(number, partial(work, number)) for number in range(10)))

    asyncio.run(ask())
    assert most == 2


def test_a_failure_is_everybodys_and_the_next_asker_tries_again() -> None:
    tries: list[int] = []

    def work() -> int:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OSError("not now")
        return 7

    async def ask() -> int:
        once: Once[int] = Once(asyncio.Semaphore(2))
        failed = await asyncio.gather(*(once.do("a", work) for _ in range(5)), return_exceptions=True)
        assert [str(problem) for problem in failed] == ["not now"] * 5
        return await once.do("a", work)

    assert asyncio.run(ask()) == 7


def test_who_gives_up_waiting_does_not_stop_it_for_the_others() -> None:
    gate = threading.Event()

    def work() -> int:
        assert gate.wait(20)
        return 7

    async def ask() -> int:
        once: Once[int] = Once(asyncio.Semaphore(1))
        impatient, patient = asyncio.create_task(once.do("a", work)), asyncio.create_task(once.do("a", work))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        gate.set()
        return await patient

    assert asyncio.run(ask()) == 7
