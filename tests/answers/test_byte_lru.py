"""Results stay within their bytes."""

from hypothesis import given
from hypothesis import strategies as st

from llmanac.answers.byte_lru import _ENTRY_BYTES, ByteLRU
from tests.strategies import quick

ROOM = 4 * (_ENTRY_BYTES + 100)


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    kept: ByteLRU[str, int] = ByteLRU(ROOM)
    for number, key in enumerate("abcd"):
        kept.keep(key, number, 100)
    assert kept.find("a") == 0
    kept.keep("e", 4, 100)
    assert kept.find_all("abcde") == {"a": 0, "c": 2, "d": 3, "e": 4}
    kept.keep("f", 5, 100)
    assert kept.find_all("abcdef") == {"c": 2, "d": 3, "e": 4, "f": 5}


def test_what_is_too_large_is_not_kept_and_takes_the_place_of_nothing() -> None:
    kept: ByteLRU[str, int] = ByteLRU(ROOM)
    kept.keep("a", 1, 10)
    kept.keep("b", 2, ROOM)
    assert kept.find_all("ab") == {"a": 1}
    kept.keep("a", 3, ROOM)
    assert kept.find("a") is None
    nothing: ByteLRU[str, int] = ByteLRU(0)
    nothing.keep("a", 1, 0)
    assert nothing.find("a") is None


@quick
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, ROOM + 10))))
def test_a_value_is_the_last_that_was_kept_and_the_bytes_are_bounded(steps: list[tuple[int, int]]) -> None:
    kept: ByteLRU[int, int] = ByteLRU(ROOM)
    last: dict[int, int] = {}
    for step, (key, size) in enumerate(steps):
        kept.keep(key, step, size)
        last[key] = step
        found = kept.find_all(range(10))
        assert found.items() <= last.items()
        sizes = [steps[made][1] + _ENTRY_BYTES for made in found.values()]
        assert sum(sizes) <= ROOM
        assert (key in found) == (size + _ENTRY_BYTES <= ROOM)
