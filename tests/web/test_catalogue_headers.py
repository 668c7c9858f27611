"""Every field of an answer of the catalogue, and when its ETag stays or moves."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records
from tests.web.wire import BEARER, Answer, ask

PATH = "/api/ai/models"
CODINGS = ("br", "zstd", "gzip", "identity")
ORDINARY = ["cache-control", "content-length", "content-type", "date", "etag", "last-modified", "vary"]
CATALOGUE = ["x-catalogue-age", "x-catalogue-serial", "x-catalogue-source", "x-content-type-options"]


def coded(served: Served, coding: str, *fields: tuple[str, str], method: str = "GET", path: str = PATH) -> Answer:
    return ask(served.url, path, (*BEARER, ("Accept-Encoding", coding), *fields), method=method)


def etags(served: Served) -> dict[str, str]:
    return {coding: coded(served, coding)["ETag"] for coding in CODINGS}


@pytest.mark.parametrize("coding", CODINGS)
def test_an_answer_has_every_field_of_the_contract_once_and_no_other(coding: str, served: Served) -> None:
    answer = coded(served, coding)
    encoded = [] if coding == "identity" else ["content-encoding"]
    assert answer.status == 200
    assert answer.names() == sorted([*ORDINARY, *CATALOGUE, *encoded])
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Length"] == str(len(answer.body))
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Vary"] == "Authorization, Accept-Encoding"
    assert answer["X-Catalogue-Source"] == "live"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', answer["ETag"]), "a strong entity tag (RFC 9110 section 8.8.3)"
    if encoded:
        assert answer["Content-Encoding"] == coding


def test_serial_age_and_date_are_those_of_the_status(served: Served) -> None:
    answer = coded(served, "identity")
    status = served.status().json()
    assert answer["X-Catalogue-Serial"] == str(status["serial"])
    assert abs(int(answer["X-Catalogue-Age"]) - status["age_seconds"]) <= 1
    taken_at = datetime.fromisoformat(status["sources"][0]["taken_at"])
    assert parsedate_to_datetime(answer["Last-Modified"]) == taken_at.replace(microsecond=0)
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", answer["Last-Modified"])


def test_each_coding_has_a_tag_of_its_own(served: Served) -> None:
    assert len(set(etags(served).values())) == len(CODINGS)


@pytest.mark.parametrize("coding", CODINGS)
def test_head_has_the_fields_of_get_and_no_body(coding: str, served: Served) -> None:
    got, headed = coded(served, coding), coded(served, coding, method="HEAD")
    assert (headed.status, headed.body) == (200, b"")
    assert headed.without("date", "x-catalogue-age") == got.without("date", "x-catalogue-age")
    assert headed.names() == got.names()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("fields", [BEARER, ()], ids=["with a token", "without"])
def test_any_other_method_is_405_and_told_which_are_allowed(
    method: str, fields: tuple[tuple[str, str], ...], served: Served
) -> None:
    answer = ask(served.url, PATH, fields, method=method)
    assert answer.status == 405
    assert answer["Allow"] == "GET, HEAD"
    assert answer["Content-Type"] == "application/problem+json"
    assert b'"error":"METHOD_NOT_ALLOWED"' in answer.body


def test_equal_content_has_equal_tags_after_a_restart_and_on_another_database(
    tmp_path: Path,
) -> None:
    seen: list[dict[str, str]] = []
    with UpstreamSimulator(make_records(30)) as upstream:
        for name in ("one", "one", "other"):
            with serving(settings_for(tmp_path / name, upstream.base_url, bundle=False)) as served:
                assert served.sync().status_code == 200
                seen.append(etags(served))
    assert seen[0] == seen[1] == seen[2]


def test_only_the_content_moves_the_tag(tmp_path: Path) -> None:
    records = make_records(30)
    with UpstreamSimulator(records) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        first, before = coded(served, "identity"), etags(served)

        wait_for(lambda: coded(served, "identity")["X-Catalogue-Age"] != first["X-Catalogue-Age"])
        assert etags(served) == before, "growing older is no change"

        upstream.change(fault=FAULTS["internal_error"])
        assert served.sync().json()["attempt"]["outcome"] == "failed"
        assert coded(served, "identity")["X-Catalogue-Source"] == "store"
        assert etags(served) == before, "another source is no change"

        upstream.change(fault=None)
        assert served.sync().json()["attempt"]["outcome"] == "unchanged"
        again = coded(served, "identity")
        assert etags(served) == before, "being agreed with is no change"
        assert again["Last-Modified"] == first["Last-Modified"]

        upstream.change(records=[{**records[0], "name": "Another name"}, *records[1:]])
        assert served.sync().json()["attempt"]["outcome"] == "changed"
        after = etags(served)
        assert not set(after.values()) & set(before.values())
        assert int(coded(served, "identity")["X-Catalogue-Serial"]) > int(first["X-Catalogue-Serial"])


def test_what_a_view_does_not_show_does_not_move_its_tag(tmp_path: Path) -> None:
    records = make_records(30)
    with UpstreamSimulator(records) as upstream, serving(settings_for(tmp_path, upstream.base_url)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        listed, full = coded(served, "gzip"), coded(served, "gzip", path=f"{PATH}?view=full")
        upstream.change(records=[{**records[0], "knowledge_cutoff": "1999-12-31"}, *records[1:]])
        assert served.sync().json()["attempt"]["outcome"] == "changed"
        same = coded(served, "gzip", ("If-None-Match", listed["ETag"]))
        assert same.status == 304
        assert same["X-Catalogue-Serial"] == "2"
        assert coded(served, "gzip", ("If-None-Match", full["ETag"]), path=f"{PATH}?view=full").status == 200
