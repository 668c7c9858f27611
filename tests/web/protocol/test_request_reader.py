"""Requests are read strictly and within limits, however their bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmanac.errors import RequestError, Unauthorized
from llmanac.web.protocol.limits import ConnectionLimits
from llmanac.web.protocol.request_framing import RequestFraming, RequestRefused
from llmanac.web.protocol.request_reader import RequestReader

LIMITS = ConnectionLimits(
    max_head_bytes=4096,
    max_fields=20,
    max_body_bytes=1000,
    max_anonymous_body_bytes=10,
    max_pending_bytes=1 << 20,
    max_connections=10,
    max_connections_per_address=10,
    head_seconds=1,
    body_seconds=1,
    answer_seconds=1,
    keep_alive_seconds=1,
)
HOST = b"Host: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


class Recorder:
    """Takes requests as a protocol does, and answers each as soon as it is whole."""

    def __init__(self, *, known: bool = True) -> None:
        stranger = None if known else Unauthorized("This needs a token, and none was sent")
        self.framing = RequestFraming(LIMITS, lambda _: stranger)
        self.reader = RequestReader(self.framing, self)
        self.requests: list[tuple[bytes, bytes]] = []
        """Targets, each with its body."""
        self.headers: list[tuple[bytes, bytes]] = []
        self.may_begin = True
        self._target = b""

    def on_message_begin(self) -> None:
        self.headers, self._target = [], b""

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.requests.append((self._target, b""))

    def on_body(self, body: bytes) -> None:
        target, before = self.requests.pop()
        self.requests.append((target, before + body))

    def on_message_complete(self) -> None:
        self.reader.is_answering = False

    def take(self, *pieces: bytes) -> RequestError | None:
        """Why these bytes are refused, None when they are not."""
        for piece in pieces:
            self.framing.receive(piece)
            try:
                self.reader.read()
            except RequestRefused as problem:
                return problem.refusal
        return None


def status(raw: bytes, *, known: bool = True) -> int:
    """What the reader refuses these bytes with; 200 when it does not."""
    refusal = Recorder(known=known).take(raw)
    return 200 if refusal is None else refusal.status


def get(*fields: bytes, target: bytes = b"/a", version: bytes = b"1.1") -> bytes:
    return b"GET %s HTTP/%s\r\n" % (target, version) + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (get(b"Host: x"), 200),
        (get(), 400),
        (get(b"Host: x", b"Host: y"), 400),
        (get(b"Host: x", version=b"2.0"), 400),
        (get(b"Host: x", version=b"1.2"), 400),
        (get(version=b"1.0"), 200),
        (get(b"Host: x", b"Content-Length: 1", b"Transfer-Encoding: chunked"), 400),
        (get(b"Host: x", b"Content-Length: 1", b"Content-Length: 2"), 400),
        (get(b"Host: x", b"Content-Length: -1"), 400),
        (get(b"Host: x", b"Content-Length: 1, 1") + b"x", 400),
        (get(b"Host: x", b"Content-Length: 1", b"Content-Length: 1") + b"x", 400),
        (get(b"Host: x", b"Content-Length: +1") + b"x", 400),
        (get(b"Host: x", b"Transfer-Encoding: chunked, chunked"), 400),
        (b"GET /a HTTP/1.1\nHost: x\n\n", 400),
        (b"GET /a HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", 400),
        (b"\x16\x03\x01\x02", 400),
        (get(b"Transfer-Encoding: chunked", version=b"1.0"), 400),
        (get(b"Host: x", b"Transfer-Encoding: gzip"), 501),
        (get(b"Host: x", b"a b: c"), 400),
        (get(b"Host: x", b"a : c"), 400),
        (b"\r\n" + get(b"Host: x"), 200),
        (b"\r\n\r\n" + get(b"Host: x"), 400),
        (b"\r\n" * 50_000, 400),
        (get(b"Host: x", *(b"x%d: y" % number for number in range(19))), 200),
        (get(b"Host: x", *(b"x%d: y" % number for number in range(20))), 431),
        (get(b"Host: x", b"X: " + b"x" * (4096 - len(get(b"Host: x", b"X: ")))), 200),
        (get(b"Host: x", b"X: " + b"x" * (4096 - len(get(b"Host: x", b"X: ")) + 1)), 431),
        (get(b"Host: x", b"X: " + b"x" * 100_000), 431),
        (b"GET /" + b"x" * 5000, 431),
        (get(b"Host: x", b"Content-Length: 1001"), 413),
        (get(b"Host: x", CHUNKED.strip()) + b"3e9\r\n" + b"x" * 1001, 413),
        (get(b"Host: x", CHUNKED.strip()) + b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n", 200),
        (get(b"Host: x", CHUNKED.strip()) + b"1;" + b"x" * 70_000, 413),
        (get(b"Host: x", CHUNKED.strip()) + b"1;a=b\r\nx\r\n" * 7000, 413),
        (get(b"Host: x", CHUNKED.strip()) + b"0\r\n" + b"a: b\r\n" * 20_000, 413),
        (get(b"Host: x", CHUNKED.strip()) + b"0\r\na: b\r\n\r\n", 200),
        (get(b"Host: x", CHUNKED.strip()) + b"zz\r\n", 400),
    ],
)
def test_a_request_is_read_or_refused(raw: bytes, expected: int) -> None:
    assert status(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (get(b"Host: x", b"Content-Length: 10") + b"x" * 10, 200),
        (get(b"Host: x", b"Content-Length: 11"), 401),
        (get(b"Host: x", CHUNKED.strip()) + b"b\r\n" + b"x" * 11, 401),
    ],
)
def test_a_stranger_may_send_a_small_body_only(raw: bytes, expected: int) -> None:
    assert status(raw, known=False) == expected


@pytest.mark.parametrize(
    "raw", [get(b"Host: x", b"Bad Field: secret"), b"secret\r\n\r\n", get(b"Host: x", b"Transfer-Encoding: secret")]
)
def test_a_refusal_does_not_repeat_what_was_sent(raw: bytes) -> None:
    refusal = Recorder().take(raw)
    assert refusal is not None
    assert "secret" not in refusal.message


PIECES = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b"\x00", b" ", b":", b"\xff\xfe"),
        *(b"GET ", b"POST ", b"HEAD ", b"/a", b"/v1/models", b"?q=1"),
        *(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b" HTTP/2.0\r\n", HOST, HOST + b"\r\n", get(b"Host: x")),
        *(CHUNKED, b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"X: " + b"x" * 3000 + b"\r\n"),
        *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Upgrade: h2c\r\n"),
        *(b"hello", b"5\r\nhello\r\n", b"5;a=b\r\n", b"0\r\n", b"0\r\n\r\n", b"a: b\r\n"),
    ]
)


@given(st.lists(PIECES, max_size=25), st.lists(st.integers(0, 20_000), max_size=12))
@example([get(b"Host: x"), b"\r\n", get(b"Host: x")], [])
@example([get(b"Host: x", b"Content-Length: 5"), b"hello", b"\r\n", get(b"Host: x")], [40, 41, 42, 43, 44])
def test_how_bytes_are_cut_changes_nothing(pieces: list[bytes], ends: list[int]) -> None:
    raw = b"".join(pieces)
    cuts = [0, *sorted(end for end in ends if end < len(raw)), len(raw)]
    whole, cut, single = Recorder(), Recorder(), Recorder()
    refusals = [
        whole.take(raw),
        cut.take(*(raw[start:end] for start, end in pairwise(cuts))),
        single.take(*(raw[at : at + 1] for at in range(len(raw)))),
    ]
    # A chunked request is the last of its connection: of what comes behind it, garbage is seen only if it comes later.
    assert cut.requests == whole.requests == single.requests
    assert len({refusal and refusal.message for refusal in refusals}) == 1


@given(pieces=st.lists(st.one_of(PIECES, st.binary(max_size=50)), max_size=40), known=st.booleans())
def test_no_bytes_are_held_beyond_the_limits_and_nothing_else_is_raised(pieces: list[bytes], *, known: bool) -> None:
    recorder = Recorder(known=known)
    for piece in pieces:
        refusal = recorder.take(piece)
        assert recorder.framing.unread_bytes <= LIMITS.max_head_bytes + len(piece)
        assert all(len(body) <= LIMITS.max_body_bytes for _, body in recorder.requests)
        if refusal is not None:
            assert refusal.status in {400, 401, 413, 431, 501}
            break


def test_the_parser_sees_no_second_request_before_the_first_is_answered() -> None:
    class Slow(Recorder):
        def on_message_complete(self) -> None:
            """Not answered yet."""

    slow = Slow()
    assert slow.take(get(b"Host: x", target=b"/one") + get(b"Host: x", target=b"/two") * 1000) is None
    assert slow.requests == [(b"/one", b"")]
    slow.reader.is_answering = False
    slow.reader.read()
    assert slow.requests == [(b"/one", b""), (b"/two", b"")]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (get(b"Host: x", b"X: " + b"x" * 5000), "at most 4096 bytes"),
        (get(b"Host: x", *[b"a: b"] * 20), "at most 20 fields, got 21"),
        (get(b"Host: x", b"Content-Length: 2000"), "at most 1000 bytes"),
        (get(b"Host: x", version=b"2.0"), "got HTTP/2.0"),
    ],
)
def test_a_refusal_names_the_limit(raw: bytes, words: str) -> None:
    refusal = Recorder().take(raw)
    assert refusal is not None
    assert words in refusal.message
