"""What is asked of upstream: pages, conditions, codings, and no more tries than are allowed."""

import time
from datetime import UTC, datetime
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from llmanac.assemble_sync import fetch_options
from llmanac.catalogue.snapshot import Snapshot
from llmanac.errors import UpstreamError, UpstreamRefused, UpstreamTooLarge, UpstreamUnreachable
from llmanac.upstream.decode import decode
from llmanac.upstream.openrouter import Fetched, NotModified, fetch
from tests.serving import settings_for
from tests.upstream_exchange import Exchange, Fault, Outcome, SeenRequest, list_body
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records

ROWS = make_records(25)
NOON = datetime(2026, 10, 26, 12, tzinfo=UTC)
HOUR_LATER = "3600"


def ask(
    upstream: UpstreamSimulator, validators: tuple[tuple[str, str], ...] = (), **values: object
) -> Fetched | NotModified:
    """Fetch as the server with these settings would, at noon."""
    return fetch(fetch_options(settings_for(Path(), upstream.base_url, **values)), lambda: NOON, validators=validators)


def ids(found: Fetched | NotModified) -> list[str]:
    assert isinstance(found, Fetched)
    snapshot = decode(found.pages, source="openrouter", taken_at=found.taken_at)
    assert isinstance(snapshot, Snapshot)
    return [model.id for model in snapshot.models]


def refusing(status: int, **headers: str) -> Fault:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault("refusing", Outcome.FAILED, lambda exchange: exchange.respond(status, b"{}", headers=fields))


def etagged(etag: str) -> Fault:
    """Not a fault at all: the honest list with this validator, and 304 to who names it."""

    def play(exchange: Exchange) -> None:
        if exchange.request.headers.get("if-none-match") == etag:
            exchange.respond(304)
        else:
            exchange.respond(200, list_body(exchange.rows), headers={"ETag": etag})

    return Fault("etagged", Outcome.FAILED, play)


def test_the_list_is_asked_for_with_every_modality() -> None:
    with UpstreamSimulator(ROWS) as upstream:
        assert ids(ask(upstream)) == [row["id"] for row in ROWS]
        (asked,) = upstream.requests
    assert (asked.method, asked.path, asked.parameters) == ("GET", "/api/v1/models", {"output_modalities": "all"})


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("size", [1, 10, 24, 25, 26])
def test_pages_are_followed_in_order_whether_links_are_absolute_or_relative(size: int, *, relative: bool) -> None:
    with UpstreamSimulator(ROWS, page_size=size, relative_links=relative) as upstream:
        assert ids(ask(upstream)) == [row["id"] for row in ROWS]
        assert len(upstream.requests) == -(-len(ROWS) // size)
        assert all(asked.parameters["output_modalities"] == "all" for asked in upstream.requests)


def test_more_pages_than_allowed_are_refused_and_not_asked_for() -> None:
    with UpstreamSimulator(ROWS, page_size=1) as upstream:
        with pytest.raises(UpstreamTooLarge):
            ask(upstream, sync_max_pages=24, sync_retries=3)
        assert len(upstream.requests) == 24
        assert len(ids(ask(upstream, sync_max_pages=25))) == 25


@pytest.mark.parametrize("coding", [{"gzip": True}, {"chunked": True}, {"gzip": True, "chunked": True}, {}])
def test_bodies_arrive_as_upstream_meant_them_in_every_coding(coding: dict[str, bool]) -> None:
    with UpstreamSimulator(ROWS, gzip=coding.get("gzip", False), chunked=coding.get("chunked", False)) as upstream:
        found = ask(upstream)
    assert isinstance(found, Fetched)
    assert found.pages[0].body == list_body(ROWS)


@pytest.mark.parametrize("gzip", [False, True])
def test_the_limit_of_size_counts_bytes_after_decompression_over_all_pages(*, gzip: bool) -> None:
    with UpstreamSimulator(ROWS, page_size=13, gzip=gzip) as upstream:
        found = ask(upstream)
        assert isinstance(found, Fetched)
        size = sum(len(page.body) for page in found.pages)
        assert len(ids(ask(upstream, sync_max_body_bytes=size))) == 25
        with pytest.raises(UpstreamTooLarge):
            ask(upstream, sync_max_body_bytes=size - 1)


def test_an_unchanged_list_is_asked_for_conditionally_and_costs_one_304() -> None:
    with UpstreamSimulator(ROWS, etag=True) as upstream:
        found = ask(upstream)
        assert isinstance(found, Fetched)
        assert ask(upstream, found.validators) == NotModified(NOON)
        first, second = upstream.requests
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == found.validators[0][1]


def test_every_page_must_be_unchanged_for_the_list_to_be() -> None:
    with UpstreamSimulator(ROWS, etag=True, page_size=10) as upstream:
        found = ask(upstream)
        assert isinstance(found, Fetched)
        assert len(found.validators) == 3
        assert ask(upstream, found.validators) == NotModified(NOON)
        assert len(upstream.requests) == 6

        upstream.change(records=[*ROWS[:24], {**ROWS[24], "name": "Changed on the last page"}])
        changed = ask(upstream, found.validators)
        assert isinstance(changed, Fetched)
        assert b"Changed on the last page" in changed.pages[2].body
        assert changed.validators != found.validators


def test_without_an_etag_on_every_page_nothing_is_conditional() -> None:
    with UpstreamSimulator(ROWS) as upstream:
        found = ask(upstream)
    assert isinstance(found, Fetched)
    assert found.validators == ()


@pytest.mark.parametrize("etag", ['"plain"', 'W/"weak"', '"caf\xe9"', '"caf\xc3\xa9"', '""', '"a, b"', "unquoted"])
def test_any_etag_upstream_gives_comes_back_as_it_was(etag: str) -> None:
    """RFC 9110 section 8.8.3 allows bytes beyond ASCII."""
    with UpstreamSimulator(ROWS, fault=etagged(etag)) as upstream:
        found = ask(upstream)
        assert isinstance(found, Fetched)
        assert ask(upstream, found.validators) == NotModified(NOON)
        assert upstream.requests[-1].headers["if-none-match"] == etag


@pytest.mark.parametrize("retries", [0, 3])
@pytest.mark.parametrize("fault", ["bad_gateway", "reset_before_answer"])
def test_passing_trouble_is_tried_again_as_often_as_allowed_and_no_more(fault: str, retries: int) -> None:
    with UpstreamSimulator(ROWS, fault=FAULTS[fault]) as upstream:
        with pytest.raises((UpstreamRefused, UpstreamUnreachable)):
            ask(upstream, sync_retries=retries)
        assert len(upstream.requests) == 1 + retries


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_status_that_passes_is_recovered_from_within_one_fetch(status: int) -> None:
    with UpstreamSimulator(ROWS, fault=refusing(status), fault_count=3) as upstream:
        assert len(ids(ask(upstream, sync_retries=3))) == 25
        assert len(upstream.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 410, 418, 451])
def test_a_status_that_stays_is_not_asked_again(status: int) -> None:
    with UpstreamSimulator(ROWS, fault=refusing(status)) as upstream:
        with pytest.raises(UpstreamError):
            ask(upstream, sync_retries=3)
        assert len(upstream.requests) == 1


def gaps(requests: list[SeenRequest]) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(requests)]


def test_retry_after_in_seconds_is_waited_for() -> None:
    with UpstreamSimulator(ROWS, fault=refusing(429, Retry_After="1"), fault_count=1) as upstream:
        assert len(ids(ask(upstream, sync_retries=3, sync_retry_after_max_seconds=5))) == 25
        assert gaps(upstream.requests)[0] >= 1


def test_retry_after_as_a_date_is_waited_for() -> None:
    until: list[int] = []

    def play(exchange: Exchange) -> None:
        until.append(int(time.time()) + 2)
        exchange.respond(503, b"{}", headers={"Retry-After": formatdate(until[0], usegmt=True)})

    asked_at: list[float] = []

    def rows(_: SeenRequest) -> list[dict[str, object]]:
        asked_at.append(time.time())
        return ROWS

    with UpstreamSimulator(rows, fault=Fault("later", Outcome.FAILED, play), fault_count=1) as upstream:
        assert len(ids(ask(upstream, sync_retries=3, sync_retry_after_max_seconds=5))) == 25
    assert asked_at[1] >= until[0]


def test_each_retry_is_logged_in_words() -> None:
    with UpstreamSimulator(ROWS, fault=refusing(503), fault_count=2) as upstream, capture_logs() as lines:
        assert len(ids(ask(upstream, sync_retries=3))) == 25
    assert [(line["event"], line["retry"]) for line in lines] == [("sync.retry", 1), ("sync.retry", 2)]
    assert all("status 503" in line["detail"] and "callable" not in line for line in lines)


@pytest.mark.parametrize("value", ["0", formatdate(0, usegmt=True)])
def test_retry_after_that_is_over_means_at_once(value: str) -> None:
    with UpstreamSimulator(ROWS, fault=refusing(429, Retry_After=value), fault_count=2) as upstream:
        assert len(ids(ask(upstream, sync_retries=3, sync_retry_wait_seconds=600))) == 25
        assert len(upstream.requests) == 3


@pytest.mark.parametrize(
    "value", [HOUR_LATER, formatdate(time.time() + 7200, usegmt=True), "9" * 30], ids=["seconds", "date", "ages"]
)
def test_a_longer_retry_after_than_allowed_ends_the_fetch_and_is_told(value: str) -> None:
    with UpstreamSimulator(ROWS, fault=refusing(429, Retry_After=value)) as upstream:
        with pytest.raises(UpstreamRefused) as refused:
            ask(upstream, sync_retries=3, sync_retry_after_max_seconds=60)
        assert len(upstream.requests) == 1
    assert refused.value.retry_after is not None
    assert refused.value.retry_after.total_seconds() >= 3600


@pytest.mark.parametrize("value", ["soon", "-5", "1.5", "", "Mon, 99 Foo 2026 99:99:99 GMT", "٣"])
def test_a_retry_after_that_is_neither_is_as_good_as_none(value: str) -> None:
    fault = refusing(429, Retry_After=value.encode().decode("latin-1"))
    with UpstreamSimulator(ROWS, fault=fault, fault_count=1) as upstream:
        assert len(ids(ask(upstream, sync_retries=1))) == 25
