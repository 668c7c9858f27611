"""Questions that come again on a kept connection are answered without being read anew, and still answered right."""

import socket
from pathlib import Path

import pytest

from llmanac.access.token import AccessScope, mint
from llmanac.clock import now
from tests.serving import TOKEN, Served, serving, settings_for
from tests.upstream_simulator import UpstreamSimulator, make_records

END = b"\r\n\r\n"


class Line:
    """One kept connection, byte by byte."""

    def __init__(self, served: Served) -> None:
        host, port = served.url.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=10)
        self._rest = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
        while END not in self._rest:
            self._read()
        head, _, self._rest = self._rest.partition(END)
        status, *fields = head.decode("ascii").split("\r\n")
        headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
        length = int(headers.get("content-length", 0)) if body else 0
        while len(self._rest) < length:
            self._read()
        content, self._rest = self._rest[:length], self._rest[length:]
        return int(status.split()[1]), headers, content

    def ask(self, data: bytes, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
        self.send(data)
        return self.answer(body=body)

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> None:
        received = self._socket.recv(65536)
        assert received, "the server closed the connection"
        self._rest += received


def question(token: str = TOKEN, method: str = "GET", *more: str) -> bytes:
    fields = [f"{method} /api/ai/models HTTP/1.1", "Host: almanac", f"Authorization: Bearer {token}", *more]
    return "\r\n".join(fields).encode() + END


def test_the_same_question_is_answered_alike_and_follows_the_list(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20)) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        served.sync()
        line = Line(served)
        first, again = line.ask(question()), line.ask(question())
        assert (again[0], again[2]) == (first[0], first[2]) == (200, served.models().content)
        assert again[1].keys() == dict(served.models().headers).keys()

        upstream.change(records=make_records(21))
        assert served.sync().json()["attempt"]["outcome"] == "changed"
        status, headers, body = line.ask(question())
        assert (status, body) == (200, served.models().content)
        assert body != first[2]
        assert int(headers["x-catalogue-serial"]) == int(first[1]["x-catalogue-serial"]) + 1
        line.close()


def test_a_revoked_token_is_refused_on_the_connection_that_asked_before(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served:
        minted = mint("a test", (AccessScope.READ,), created_at=now())
        served.context.store.add_token(minted.row)
        served.context.worker.follow()
        line = Line(served)
        assert [line.ask(question(minted.plain))[0] for _ in range(3)] == [200, 200, 200]
        served.http.delete(f"/api/ai/tokens/{minted.row.id}")
        assert [line.ask(question(minted.plain))[0] for _ in range(2)] == [401, 401]
        assert line.ask(question())[0] == 200
        line.close()


@pytest.mark.parametrize("cut", [1, 10, 30, -5, -1])
def test_a_known_question_in_pieces_or_together_gets_one_answer_each(cut: int, tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served:
        line = Line(served)
        whole = served.models().content
        head = question(TOKEN, "HEAD")
        assert line.ask(question())[2] == whole
        line.send(question()[:cut])
        line.send(question()[cut:] + question() + head)
        line.send(question())
        assert [line.answer()[2], line.answer()[2], line.answer(body=False)[2], line.answer()[2]] == [
            whole,
            whole,
            b"",
            whole,
        ]
        status = question().replace(b"/models", b"/status")
        line.send(status + question() + status + question())
        assert [line.answer()[0] for _ in range(4)] == [200] * 4
        line.close()


def test_a_known_condition_and_a_known_head_have_no_body(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path, offline=True)) as served:
        line = Line(served)
        condition = question(TOKEN, "GET", f"If-None-Match: {served.models().headers['ETag']}")
        for _ in range(3):
            assert line.ask(condition)[::2] == (304, b"")
            status, headers, _ = line.ask(question(TOKEN, "HEAD"), body=False)
            assert (status, headers["content-length"]) == (200, str(len(served.models().content)))
        line.close()
