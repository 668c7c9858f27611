"""Whatever stands in upstream's header fields and links, a fetch ends in a list or in an error of upstream's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.assemble_sync import fetch_options
from llmanac.errors import UpstreamError
from llmanac.upstream.openrouter import Fetched, NotModified, fetch
from llmanac.upstream.transfer import read_retry_after
from tests.serving import settings_for
from tests.strategies import quick, served_quick
from tests.upstream_exchange import Exchange, Fault, Outcome, list_body
from tests.upstream_simulator import UpstreamSimulator, make_records

NOON = datetime(2026, 10, 26, 12, tzinfo=UTC)
ROWS = make_records(3)
BODY = list_body(ROWS)

LAST_DATE = "Fri, 31 Dec 9999 23:59:59 GMT"
OFFSETS = ("-2359", "+2359", "-2400", "+9999", "-0000", "+" + "9" * 30, "-24 00", "EST", "Z", "\u0661")
DATES = (
    LAST_DATE,
    *(f"Fri, 31 Dec 9999 23:59:59 {offset}" for offset in OFFSETS),
    *(f"Mon, 01 Jan 0001 00:00:00 {offset}" for offset in OFFSETS),
    "Fri Dec 31 23:59:59 9999",
    "Friday, 31-Dec-99 23:59:59 GMT",
    "0 0 0 0 0",
    "31 Dec",
    ",",
    "Fri, 31 Dec " + "9" * 5000 + " 23:59:59 GMT",
    "Fri, 31 Dec 2026 23.59.59.59 GMT",
)
NUMBERS = ("99999999999", "9" * 12, "9" * 5000, "0" * 5000 + "1", "\u0663", "\u00b2", "-1", "+1", "1e9", "0x10", "NaN")
TEXTS = ("", " ", "\x00", "5\x005", "\u20ac", "\udcff", "a" * 3000, '"', 'W/"', "=?utf-8?q?=ff?=")

dates = st.from_regex(r"\A(\w{0,4},? ?){1,2}\d{0,20} ?\w{0,4} ?\d{0,20} \d{0,4}[:.]\d{0,4}:?\d{0,4} ?[+-]?\w{0,20}\Z")


@quick
@given(st.one_of(st.text(), dates, st.text(st.characters(categories=["Nd", "No"])), st.binary().map(repr)))
@example(LAST_DATE)
def test_a_retry_after_of_any_text_is_a_time_to_wait_or_nothing(value: str) -> None:
    found = read_retry_after(value)
    assert found is None or found >= timedelta()


@pytest.mark.parametrize("value", [*DATES, *NUMBERS, *TEXTS], ids=ascii)
def test_a_retry_after_that_is_out_of_the_way_is_a_time_to_wait_or_nothing(value: str) -> None:
    found = read_retry_after(value)
    assert found is None or found >= timedelta()


def test_a_retry_after_that_can_be_understood_is() -> None:
    assert read_retry_after("0") == timedelta()
    assert read_retry_after("99999999999") == timedelta(seconds=99999999999)
    assert read_retry_after(formatdate(0, usegmt=True)) == timedelta()
    centuries = read_retry_after(LAST_DATE)
    assert centuries is not None
    assert centuries > timedelta(days=365 * 7000)


@pytest.fixture(scope="module")
def upstream() -> Iterator[UpstreamSimulator]:
    with UpstreamSimulator(ROWS) as simulated:
        yield simulated


def answering(status: int, *fields: tuple[bytes, bytes]) -> Fault:
    """An answer with the list, whatever its status, and these fields byte for byte; then the connection ends."""
    lines = [b"HTTP/1.1 %d Whatever" % status, *(name + b": " + value for name, value in fields)]

    def play(exchange: Exchange) -> None:
        exchange.send(b"\r\n".join(lines) + b"\r\n\r\n" + BODY)

    return Fault("answering", Outcome.FAILED, play)


def fetch_all(upstream: UpstreamSimulator, fault: Fault, *etags: str) -> Fetched | NotModified | UpstreamError:
    """What a fetch comes to; anything but a list and an UpstreamError is let through, and fails the test."""
    upstream.change(fault=fault)
    settings = settings_for(Path(), upstream.base_url, sync_timeout_seconds=2)
    first = upstream.base_url + "/models?output_modalities=all"
    try:
        return fetch(fetch_options(settings), lambda: NOON, validators=tuple((first, etag) for etag in etags))
    except UpstreamError as problem:
        return problem


READ = {
    b"Retry-After": 503,
    b"Location": 302,
    b"ETag": 200,
    b"Content-Encoding": 200,
    b"Content-Length": 200,
    b"Transfer-Encoding": 200,
    b"Connection": 200,
    b"Set-Cookie": 200,
}
"""What we read, or the library for HTTP does, and the status with which it is."""
HOSTILE = tuple(
    value.encode("utf-8", "surrogateescape")
    for value in (*DATES[:2], "9" * 12, "9" * 5000, "\u0663", "-1", "NaN", "", "\x00", "\udcff", "a" * 3000, '"')
)
LINKS = (
    "http://",
    "http://[",
    "http://[::1",
    "http://[::1%25lo]:9/",
    "http://[fe80::1%eth9]/",
    "http://[v1.a]:9/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:99999999999999999999/",
    "http://127.0.0.1:\u0669/",
    "http://127.0.0.1:-1/",
    "http://127.0.0.1:9\\@127.0.0.1:9/",
    "http://user:%ff%00@127.0.0.1:9/",
    "http://\u00ff\u0100:9/",
    "http://xn--\u00fc:9/",
    "http://" + "a" * 300 + ".localhost:9/",
    "http://a..localhost:9/",
    "http://a\x00.localhost:9/",
    "http://%00:9/",
    "http://256.256.256.256:9/",
    "http://0x7f.1:9/",
    "//\u2100.localhost:9/",
    "///",
    "?" + "a" * 70000,
    "\x00",
    "/\r\nX: y",
    "mailto:a@b",
    "https:",
)


@pytest.mark.parametrize(("name", "status"), READ.items(), ids=str)
def test_no_field_can_break_a_fetch_otherwise_than_as_upstreams_fault(
    name: bytes, status: int, upstream: UpstreamSimulator
) -> None:
    for value in HOSTILE:
        sent = b"a=b; Max-Age=" + value + b"; Expires=" + value if name == b"Set-Cookie" else value
        found = fetch_all(upstream, answering(status, (name, sent)))
        assert isinstance(found, UpstreamError if status != 200 else Fetched | UpstreamError), value


@pytest.mark.parametrize("link", LINKS, ids=lambda link: ascii(link[:40]))
def test_no_address_of_upstreams_can_break_a_fetch_otherwise_than_as_upstreams_fault(
    link: str, upstream: UpstreamSimulator
) -> None:
    """As where to go instead, and as where the list goes on; neither is ever answered."""
    assert isinstance(fetch_all(upstream, answering(302, (b"Location", link.encode()))), UpstreamError)
    page = list_body(ROWS, links={"next": link})
    going_on = Fault("going on", Outcome.FAILED, lambda exchange: exchange.respond(200, page))
    assert isinstance(fetch_all(upstream, going_on), UpstreamError)


octets = st.binary(max_size=40).map(lambda value: value.replace(b"\n", b"").replace(b"\r", b""))


@served_quick
@given(
    st.sampled_from([200, 204, 304, 401, 500, 503, 599, 999]),
    st.lists(st.tuples(st.sampled_from([*READ]), octets), max_size=4),
    st.lists(octets.map(lambda value: value.decode("latin-1")), max_size=1),
)
def test_fields_of_any_bytes_break_no_fetch_otherwise_than_as_upstreams_fault(
    upstream: UpstreamSimulator, status: int, fields: list[tuple[bytes, bytes]], etags: list[str]
) -> None:
    found = fetch_all(upstream, answering(status, *fields), *etags)
    assert isinstance(found, Fetched | NotModified | UpstreamError)
