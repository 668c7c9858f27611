"""A call that several lines tell of is one call."""

from hypothesis import given
from hypothesis import strategies as st

from llmanac.usage.call import Call
from llmanac.usage.repeats import Repeats
from tests.build import Json
from tests.usage.made import jsonl, read

AT = 1_793_016_000


def once(content: bytes) -> tuple[list[int], int]:
    """The completions that are counted, and how many lines were passed over."""
    repeats = Repeats()
    calls = repeats.once(read(content).calls) + repeats.rest()
    return [call.completion for call in calls], repeats.passed


def agents(message: str, second: int, output: int, *, model: str = "claude", read_tokens: int = 9) -> Json:
    """A line of a coding agent: one for each block of an answer, with a time of its own."""
    usage: Json = {"input_tokens": 3, "output_tokens": output, "cache_read_input_tokens": read_tokens}
    inner: Json = {"id": message, "model": model, "usage": usage}
    return {"timestamp": f"2026-10-26T12:00:{second:02}Z", "requestId": f"req_{message}", "message": inner}


def test_the_lines_of_an_agents_answer_are_one_call_with_the_most_tokens() -> None:
    lines = [agents("msg_1", 1, 2), agents("msg_2", 2, 30), agents("msg_1", 3, 40), agents("msg_1", 4, 40)]
    assert once(jsonl(lines)) == ([40, 30], 2)


def test_another_model_or_prompt_is_another_call() -> None:
    other: Json = {"id": "msg_1", "model": "claude", "usage": {"input_tokens": 4, "output_tokens": 1}}
    lines = [agents("msg_1", 1, 1), agents("msg_1", 1, 1, model="other"), {"timestamp": AT, "message": other}]
    assert once(jsonl(lines)) == ([1, 1, 1], 0)


def test_an_answer_that_is_logged_twice_is_counted_once() -> None:
    line: dict[str, Json] = {"id": "gen-1", "model": "m", "created": AT, "usage": {"prompt_tokens": 5}}
    later = {**line, "created": AT + 1}
    assert once(jsonl([line, line, later])) == ([0, 0], 1)
    table = b"generation_id,time,model,prompt_tokens\ngen-1,1793016000,m,5\ngen-1,1793016000,m,5\n,1793016000,m,5\n"
    assert once(table + b",1793016000,m,5\n") == ([0, 0, 0], 1)


def test_lines_without_an_id_are_calls_each() -> None:
    line: dict[str, Json] = {"model": "m", "created": AT, "usage": {"prompt_tokens": 5}}
    assert once(jsonl([line, line, {**line, "id": None}, {**line, "id": ""}])) == ([0, 0, 0, 0], 0)


def test_a_request_is_known_where_the_answer_has_no_id() -> None:
    inner: Json = {"model": "m", "usage": {"prompt_tokens": 5}}
    line: Json = {"requestId": "req_1", "timestamp": AT, "message": inner}
    assert once(jsonl([line, line])) == ([0], 1)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 99)), max_size=60), st.integers(1, 7))
def test_each_call_is_handed_on_once_however_few_are_held(made: list[tuple[int, int]], held: int) -> None:
    repeats, found = Repeats(max_held=held), list[Call]()
    for mark, completion in made:
        found += repeats.once([Call("m", 0, 1, completion, 0, 0, None, None, mark)])
    found += repeats.rest()
    marks = [call.mark for call in found if call.mark]
    assert sorted(marks) == sorted({mark for mark, _ in made if mark})
    assert len(found) + repeats.passed == len(made)
    if held > len({mark for mark, _ in made}):
        for call in found:
            same = [completion for mark, completion in made if mark == call.mark]
            assert call.completion == max(same) or not call.mark


def test_what_is_remembered_has_an_end() -> None:
    repeats = Repeats(max_held=2, max_remembered=3)
    calls = [Call("m", 0, 1, 0, 0, 0, None, None, mark) for mark in (1, 2, 3, 4, 5, 6, 7, 1)]
    found = [call.mark for call in calls for call in repeats.once([call])] + [call.mark for call in repeats.rest()]
    assert found.count(1) == 2
    assert repeats.passed == 0
