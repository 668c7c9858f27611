"""Where upstream may lead: so many redirects, never from https to http, and no longer than the time allows."""

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from llmanac.assemble_sync import fetch_options
from llmanac.clock import now
from llmanac.errors import UpstreamError, UpstreamTooLarge, UpstreamUnreachable
from llmanac.upstream.openrouter import Fetched, fetch
from llmanac.upstream.transfer import Transfer, TransferLimits
from tests.serving import settings_for
from tests.upstream_exchange import Exchange, Fault, Outcome, list_body
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records

LIMITS = TransferLimits(max_body_bytes=1, max_redirects=0, connect_seconds=1)


def hops(count: int, status: int = 302) -> Fault:
    """So many redirects, and then the list."""

    def play(exchange: Exchange) -> None:
        hop = int(exchange.request.parameters.get("hop", "0"))
        if hop == count:
            exchange.respond(200, list_body(exchange.rows))
        else:
            exchange.respond(status, headers={"Location": exchange.own_url(hop=str(hop + 1))})

    return Fault("hops", Outcome.FAILED, play)


@pytest.mark.parametrize("most", [0, 1, 5])
def test_so_many_redirects_are_followed_and_no_more(most: int) -> None:
    with UpstreamSimulator(make_records(3), fault=hops(most)) as upstream:
        options = fetch_options(settings_for(Path(), upstream.base_url, sync_max_redirects=most))
        assert isinstance(fetch(options, now), Fetched)
        assert len(upstream.requests) == most + 1
        upstream.change(fault=hops(most + 1))
        with pytest.raises(UpstreamTooLarge, match=str(most)):
            fetch(options, now)
        assert len(upstream.requests) == 2 * (most + 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(status: int) -> None:
    with UpstreamSimulator(make_records(3), fault=hops(2, status)) as upstream:
        assert isinstance(fetch(fetch_options(settings_for(Path(), upstream.base_url)), now), Fetched)


@pytest.mark.parametrize(
    "link",
    [
        "http://openrouter.ai/api",
        "HTTP://openrouter.ai/",
        "file:///etc/passwd",
        "ftp://openrouter.ai/",
        "javascript:alert(1)",
        "data:,x",
        "https://[::bad/",
        "https://host:port/",
        "https://host:99999/",
    ],
)
def test_a_link_that_leaves_https_or_is_no_address_is_refused(link: str) -> None:
    transfer = Transfer("https://openrouter.ai/api/v1", None, "test", LIMITS)
    with pytest.raises(UpstreamError):
        transfer.resolve("https://openrouter.ai/api/v1/models", link)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("?offset=5", "https://openrouter.ai/api/v1/models?offset=5"),
        ("/api/v1/models?offset=5", "https://openrouter.ai/api/v1/models?offset=5"),
        ("//mirror.test/models", "https://mirror.test/models"),
        ("https://mirror.test:8443/models", "https://mirror.test:8443/models"),
    ],
)
def test_relative_and_absolute_links_are_resolved(link: str, address: str) -> None:
    transfer = Transfer("https://openrouter.ai/api/v1", None, "test", LIMITS)
    assert transfer.resolve("https://openrouter.ai/api/v1/models", link) == address


@pytest.mark.parametrize("fault", ["hang_before_headers", "hang_in_body", "drip_body", "interim_answers_for_ever"])
def test_the_time_limit_holds_for_the_whole_of_a_try(fault: str) -> None:
    """However little comes however often."""
    with UpstreamSimulator(make_records(9), page_size=3, fault=FAULTS[fault]) as upstream:
        options = fetch_options(settings_for(Path(), upstream.base_url, sync_timeout_seconds=0.3, sync_retries=1))
        with pytest.raises(UpstreamUnreachable, match=r"0\.3 s"):
            fetch(options, now)
        assert len(upstream.requests) == 2


def test_the_time_limit_counts_all_pages_together() -> None:
    with UpstreamSimulator(make_records(9), page_size=1) as upstream:

        def last_page_hangs(exchange: Exchange) -> None:
            offset = int(exchange.request.parameters.get("offset", "0"))
            if offset == 2:
                exchange.hang()
            exchange.respond(
                200, list_body(exchange.rows[:1], links={"next": exchange.own_url(offset=str(offset + 1))})
            )

        upstream.change(fault=Fault("third hangs", Outcome.FAILED, last_page_hangs))
        with pytest.raises(UpstreamUnreachable, match=r"0\.5 s"):
            fetch(fetch_options(settings_for(Path(), upstream.base_url, sync_timeout_seconds=0.5)), now)
        assert len(upstream.requests) == 3


def test_connecting_has_a_time_limit_of_its_own() -> None:
    """A listener whose queue is full answers no one."""
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(4):
            filler = waiting.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(address)
        options = fetch_options(
            settings_for(Path(), f"http://127.0.0.1:{address[1]}", sync_connect_seconds=0.2, sync_timeout_seconds=60)
        )
        with pytest.raises(UpstreamUnreachable, match=r"connection .* within 0\.2 s"):
            fetch(options, now)
