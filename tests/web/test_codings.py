"""Content codings by `Accept-Encoding` (RFC 9110 section 12.5.3)."""

import gzip
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from llmanac.errors import NotAcceptable
from llmanac.web.protocol.negotiation import Coding, choose_coding
from tests.serving import Served
from tests.web.wire import BEARER, Answer, ask

PATH = "/api/ai/models"
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "gzip": gzip.decompress,
    "identity": bytes,
}


def asked(served: Served, *accepted: str, method: str = "GET", path: str = PATH) -> Answer:
    fields = [("Accept-Encoding", value) for value in accepted]
    return ask(served.url, path, (*BEARER, *fields), method=method)


def coding_of(answer: Answer) -> str:
    return dict(answer.fields).get("content-encoding", "identity")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ([], "identity"),
        ([""], "identity"),
        (["identity"], "identity"),
        (["gzip"], "gzip"),
        (["GZip"], "gzip"),
        (["x-gzip"], "gzip"),
        (["X-GZIP;Q=1"], "gzip"),
        (["br"], "br"),
        (["zstd"], "zstd"),
        (["gzip, deflate, br, zstd"], "br"),
        (["gzip, deflate"], "gzip"),
        (["deflate, compress"], "identity"),
        (["*"], "br"),
        (["*;q=0.1"], "br"),
        (["gzip;q=1.0, br;q=0.5"], "gzip"),
        (["gzip;q=0.5, br;q=0.8, zstd;q=0.9"], "zstd"),
        (["gzip;q=0.001"], "gzip"),
        (["gzip;q=0"], "identity"),
        (["br;q=0, *"], "zstd"),
        (["*;q=0, gzip"], "gzip"),
        (["*;q=0, identity"], "identity"),
        (["*;q=0.5, identity;q=1"], "identity"),
        (["identity;q=1, gzip;q=0.5"], "identity"),
        (["identity;q=0, gzip;q=0.1"], "gzip"),
        (["gzip ; q = 0.2 , br ; q=0.1"], "gzip"),
        (["gzip", "br;q=0.5"], "gzip"),
        (["br;q=0", "gzip;q=0", "zstd"], "zstd"),
        (["gzip;q=2"], "identity"),
        (["gzip;q=-1"], "identity"),
        (["gzip;q=nan"], "identity"),
        (["gzip;q=much, br"], "br"),
        (["gzip;q="], "identity"),
        ([";;;,,,=,q=1;"], "identity"),
        (["\xe9\xff, gzip"], "gzip"),
        (["gzip;level=9;q=0.3, br;q=0.2"], "gzip"),
    ],
)
def test_the_coding_is_chosen_by_quality_values(accepted: list[str], coding: str, served: Served) -> None:
    answer = asked(served, *accepted)
    assert (answer.status, coding_of(answer)) == (200, coding)


@pytest.mark.parametrize(
    "accepted",
    [["identity;q=0"], ["*;q=0"], ["identity;q=0", "gzip;q=0"], ["deflate, *;q=0"], ["identity;q=0, *;q=0.0"]],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ruling_out_every_coding_is_406(accepted: list[str], method: str, served: Served) -> None:
    answer = asked(served, *accepted, method=method)
    assert answer.status == 406
    assert answer["Content-Type"] == "application/problem+json"
    if method == "GET":
        assert b'"error":"NOT_ACCEPTABLE"' in answer.body
        assert all(coding.encode() in answer.body for coding in DECODERS), "it says what is offered"


@pytest.mark.parametrize("view", ["listed", "full"])
def test_every_coding_holds_the_same_bytes_each_time(view: str, served: Served) -> None:
    path = f"{PATH}?view={view}"
    identity = asked(served, "identity", path=path).body
    for coding, decode in DECODERS.items():
        first, second = asked(served, coding, path=path), asked(served, coding, path=path)
        assert coding_of(first) == coding
        assert decode(first.body) == identity
        assert first.body == second.body, "a strong tag names one sequence of bytes"
        assert coding == "identity" or len(first.body) < len(identity)


ELEMENTS = st.tuples(
    st.sampled_from([*Coding, "*", "x-gzip", "deflate"]), st.sampled_from(["", ";q=0", ";q=0.5", ";q=1", "; Q=0.25 "])
).map("".join)


@given(st.lists(ELEMENTS, max_size=6))
def test_what_is_ruled_out_by_name_is_never_chosen(elements: list[str]) -> None:
    try:
        chosen = choose_coding(",".join(elements))
    except NotAcceptable:
        assert any(element in ("*;q=0", "identity;q=0") for element in elements)
        return
    named = [element for element in elements if element.partition(";")[0].replace("x-gzip", "gzip") == chosen]
    assert not (named and named[-1].endswith(";q=0"))


@given(st.text(max_size=300))
def test_no_text_breaks_the_choice(text: str) -> None:
    with suppress(NotAcceptable):
        assert choose_coding(text) in Coding
