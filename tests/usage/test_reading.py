"""Files as they come: tables, compressed, in pieces, damaged."""

import gzip
import io
from collections.abc import Iterator
from itertools import chain

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from llmanac.errors import InvalidBody, InvalidParameter
from llmanac.usage.call import Call, Extras
from llmanac.usage.columns import read_columns
from llmanac.usage.lines import blocks
from llmanac.usage.opened import pieces_of
from llmanac.usage.reading import How, read_calls
from tests.usage.made import answer, jsonl, read

US = 1_793_016_000_000_000


def test_a_table_is_read_by_its_header() -> None:
    content = (
        b"\xef\xbb\xbftimestamp,Model,Prompt Tokens,completion-tokens,cached_tokens,reasoning_tokens,user\r\n"
        b'2026-10-26T12:00:00Z,openai/gpt-4o,100,20,40,5,"a, b\nc"\r\n'
        b"\r\n"
        b"2026-10-26 12:00:00,openai/gpt-4o,7,,,,\r\n"
    )
    calls = [Call("openai/gpt-4o", US, 100, 20, 40, 5, None, None), Call("openai/gpt-4o", US, 7, 0, 0, 0, None, None)]
    assert (read(content).calls, read(content).bad) == (calls, [])


def test_openrouters_activity_table_is_known() -> None:
    content = (
        b"generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,"
        b"model_permaslug,variant,cancelled\n"
        b"gen-1,2026-10-26 12:00:00.000,0.0012,100,20,5,40,openai/gpt-4o,standard,false\n"
        b"gen-2,2026-10-26 12:00:00.000,0,100,20,5,40,openai/gpt-4o,free,false\n"
    )
    standard, free = read(content).calls
    assert (standard.name, standard.prompt, standard.cached, str(standard.stated)) == (
        "openai/gpt-4o",
        100,
        40,
        "0.0012",
    )
    assert (free.name, str(free.stated)) == ("openai/gpt-4o:free", "0")


def test_anthropics_names_in_a_table_count_apart() -> None:
    content = (
        b"time;model;input_tokens;cache_read_input_tokens;cache_creation_input_tokens;output_tokens\n"
        b"1793016000;claude;10;100;7;3\n"
    )
    expected = Call("claude", US, 117, 3, 100, 0, Extras(cache_write=7), None)
    assert read(content).calls == [expected]
    (within,) = read(content.replace(b";10;", b";110;"), How(apart=False)).calls
    assert (within.prompt, within.cached) == (110, 100)


def test_columns_can_be_named() -> None:
    content = b"when\tengine\tin\tout\n1793016000\tx/y\t5\t6\n"
    how = How(columns=read_columns("time=when, model=engine,prompt_tokens=in,completion_tokens=out"))
    assert read(content, how).calls == [Call("x/y", US, 5, 6, 0, 0, None, None)]
    for wrong, words in (("time", "name=header"), ("tme=x", "Expected one of time"), ("time=", "name=header")):
        with pytest.raises(InvalidParameter, match=words):
            read_columns(wrong)
    with pytest.raises(InvalidParameter, match="Expected one of the columns when"):
        read(content, How(columns={"time": "then"}))
    with pytest.raises(InvalidParameter, match="at least model and prompt_tokens"):
        read(content)


def test_a_row_that_is_no_call_is_told_with_its_line() -> None:
    content = b"time,model,prompt_tokens\n1,m,1\nx,m,1\n1,,1\n1,m,-1\n1,m\n,m,1\n1,m,1e3\n1,m,2.0\n"
    batch = read(content)
    assert [call.prompt for call in batch.calls] == [1, 2]
    assert [bad.line for bad in batch.bad] == [3, 4, 5, 6, 7, 8]
    assert batch.bad[3].reason == "Expected 3 columns, got 2"


def test_one_json_document_is_refused_with_what_to_do() -> None:
    for content, words in ((b'\n[{"model": "m"}]', "an array"), (b'{\n  "model": "m"\n}\n', "over several lines")):
        with pytest.raises(InvalidBody, match=words) as refused:
            read(content)
        assert "jq -c" in refused.value.hint


def test_a_line_beyond_the_limit_is_passed_over_and_told() -> None:
    long = b'{"text":"' + b"x" * 5000 + b'"}\n'
    good = jsonl([answer("m", 0, {"prompt_tokens": 1})])
    for content in (good + long + good, good + good + long[:-1]):
        for piece in (1, 100, 1 << 18):
            batch = read(content, How(max_line_bytes=1000), piece=piece)
            if piece < 1 << 18:
                assert len(batch.calls) == 2
                assert [bad.line for bad in batch.bad] == [content[: content.index(long[:-1])].count(b"\n") + 1]


def test_nothing_is_no_call() -> None:
    for content in (b"", b"\n \n", b"\xef\xbb\xbf"):
        assert (read(content).calls, read(content).bad) == ([], [])


@given(st.lists(st.binary(max_size=30).map(lambda part: part.replace(b"\r", b"\n")), max_size=20))
def test_blocks_hold_every_line_once(pieces: list[bytes]) -> None:
    found = list(chain.from_iterable(block.text.split(b"\n") for block in blocks(pieces)))
    expected = b"".join(pieces).split(b"\n")
    assert found == (expected if expected[-1] else expected[:-1])


@given(st.integers(1, 60), st.integers(2, 40))
def test_pieces_of_any_size_read_alike(piece: int, wrong: int) -> None:
    lines = jsonl([answer(f"m{number}", number, {"prompt_tokens": number}) for number in range(4)])
    content = lines[:wrong] + b"\n" + lines[wrong:]
    assert read(content, piece=piece) == read(content)


def plain(content: bytes) -> bytes:
    return b"".join(pieces_of(io.BytesIO(content), "calls", lambda _: None))


@given(st.binary(max_size=3000), st.integers(0, 3000))
def test_compressed_content_is_read_whole_or_refused(content: bytes, cut: int) -> None:
    half = len(content) // 2
    for compress in (gzip.compress, zstandard.ZstdCompressor(write_checksum=True).compress):
        stored = compress(content[:half]) + compress(content[half:])
        assert plain(stored) == content
        first = len(compress(content[:half]))
        if 4 <= cut < len(stored) and cut != first:
            with pytest.raises(InvalidBody, match="damaged or cut short"):
                plain(stored[:cut])


def test_what_was_read_is_counted_in_bytes_of_the_file() -> None:
    passed: list[int] = []
    stored = gzip.compress(b"x" * 1_000_000)
    assert b"".join(pieces_of(io.BytesIO(stored), "calls", passed.append)) == b"x" * 1_000_000
    assert sum(passed) == len(stored)


def test_tokens_kept_for_an_hour_are_counted_once_where_a_table_also_has_the_sum() -> None:
    """Anthropic's `cache_creation_input_tokens` is the sum of both."""
    content = (
        b"time,model,input_tokens,cache_creation_input_tokens,ephemeral_5m_input_tokens,ephemeral_1h_input_tokens\n"
        b"1793016000,m,50,248,148,100\n"
        b"1793016000,m,50,248,,0\n"
    )
    split, plain = read(content).calls
    assert split == Call("m", US, 298, 0, 0, 0, Extras(cache_write=148, cache_write_1h=100), None)
    assert plain == Call("m", US, 298, 0, 0, 0, Extras(cache_write=248), None)


@pytest.mark.parametrize("text", ["1.000", "12.000"])
def test_a_count_that_may_be_in_thousands_is_refused(text: str) -> None:
    """In half of the world 1.000 is a thousand."""
    content = f"time;model;prompt_tokens\n1793016000;m;{text}\n1793016000;m;7.0\n1793016000;m;8.000000\n".encode()
    batch = read(content)
    assert [call.prompt for call in batch.calls] == [7, 8]
    (bad,) = batch.bad
    assert text in bad.reason


def test_a_variant_that_the_name_has_already_is_not_added_again() -> None:
    content = b"time,model,variant,prompt_tokens\n1793016000,a/b:free,free,1\n"
    assert [call.name for call in read(content).calls] == ["a/b:free"]


def test_a_day_without_dashes_is_a_day() -> None:
    content = b"date,model,prompt_tokens\n20261026,m,1\n2026-10-26,m,1\n"
    one, other = read(content).calls
    assert one.at_us == other.at_us


@pytest.mark.parametrize(
    "content",
    [
        b"model,prompt_tokens\rm,1\r",
        b"model,prompt_tokens," + b"x" * 200_000 + b"\nm,1,\n",
        b'"model,prompt_tokens\n' + b"m,1\n" * 50_000,
    ],
)
def test_a_header_that_is_no_row_of_a_table_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(InvalidBody, match=r"calls: Expected a table's header in its first line"):
        read(content)


def test_blank_space_without_end_is_not_held() -> None:
    taken = 0

    def blank() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b" \n" * 100

    with pytest.raises(InvalidBody, match="blank"):
        list(read_calls(blank(), "calls", How(max_line_bytes=1000), lambda _: None))
    assert taken < 20


def test_a_header_of_very_many_columns_is_told_in_short() -> None:
    told: list[str] = []
    content = b"time,model,prompt_tokens," + b",".join(b"column%d" % number for number in range(10_000)) + b"\n"
    list(read_calls([content], "calls", How(), told.append))
    (words,) = told
    assert words.startswith("calls: columns that are not read: column0, column1, ")
    assert words.endswith(" and 9980 more")


def test_zeros_after_gzip_are_padding() -> None:
    """As gzip and tape archives leave them; `gzip -d` takes them for nothing too."""
    content = gzip.compress(b"one\n") + bytes(512)
    assert b"".join(pieces_of(io.BytesIO(content), "calls", lambda _: None)) == b"one\n"


@pytest.mark.parametrize("size", [512, 513])
def test_a_name_longer_than_any_is_a_bad_line(size: int) -> None:
    name = "m" * size
    for content in (
        jsonl([answer(name, 0, {"prompt_tokens": 1})]),
        f"time,model,prompt_tokens\n1793016000,{name},1\n".encode(),
    ):
        batch = read(content)
        assert ([len(call.name) for call in batch.calls], len(batch.bad)) == (([512], 0) if size == 512 else ([], 1))


def test_anthropics_parts_of_the_cache_count_apart_without_their_sum_too() -> None:
    content = b"time,model,input_tokens,ephemeral_5m_input_tokens,ephemeral_1h_input_tokens\n1793016000,m,1000,200,30\n"
    assert read(content).calls == [Call("m", US, 1230, 0, 0, 0, Extras(cache_write=200, cache_write_1h=30), None)]
