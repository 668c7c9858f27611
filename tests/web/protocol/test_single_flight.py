"""Work that many ask for is done once."""

import asyncio
import threading
from functools import partial

import pytest

from llmanac.web.protocol.single_flight import SingleFlight


def test_many_who_ask_at_once_wait_for_one_doing() -> None:
    done: list[str] = []

    def work(name: str) -> str:
        done.append(name)
        return name * 2

    async def ask() -> list[str]:
        once: SingleFlight[str] = SingleFlight(asyncio.Semaphore(2))
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
        once: SingleFlight[None] = SingleFlight(asyncio.Semaphore(2))
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
        once: SingleFlight[int] = SingleFlight(asyncio.Semaphore(2))
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
        once: SingleFlight[int] = SingleFlight(asyncio.Semaphore(1))
        impatient, patient = asyncio.create_task(once.do("a", work)), asyncio.create_task(once.do("a", work))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        gate.set()
        return await patient

    assert asyncio.run(ask()) == 7
