"""`If-None-Match` (RFC 9110 section 13.1.2) on the catalogue's endpoint."""

import pytest

from tests.serving import Served
from tests.web.wire import BEARER, ask

PATH = "/api/ai/models"
GZIP = ("Accept-Encoding", "gzip")


def tag(served: Served, coding: str = "gzip", query: str = "") -> str:
    return ask(served.url, PATH + query, (*BEARER, ("Accept-Encoding", coding)))["ETag"]


@pytest.mark.parametrize(
    "condition",
    ["{tag}", '"other", {tag}', '"other",{tag},"third"', "*", " * ", "W/{tag}", 'W/"other", W/{tag}', '"a,b" , {tag}'],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_condition_that_names_the_tag_is_answered_with_304(condition: str, method: str, served: Served) -> None:
    whole = ask(served.url, PATH, (*BEARER, GZIP))
    sent = condition.format(tag=whole["ETag"])
    answer = ask(served.url, PATH, (*BEARER, GZIP, ("If-None-Match", sent)), method=method)
    assert (answer.status, answer.body) == (304, b"")
    described = ("content-type", "content-length", "content-encoding", "x-content-type-options")
    assert answer.without("date", "x-catalogue-age") == whole.without("date", "x-catalogue-age", *described)
    assert "x-catalogue-age" in answer.names()


def test_a_condition_in_several_lines_is_one_list(served: Served) -> None:
    lines = [("If-None-Match", value) for value in ('"other"', tag(served), '"third"')]
    assert ask(served.url, PATH, (*BEARER, GZIP, *lines)).status == 304


@pytest.mark.parametrize("condition", ['"other"', 'W/"other"', "", ",", '""', "nonsense", "W/", '"*"', "x" * 20_000])
def test_a_condition_that_names_another_tag_or_none_gets_the_whole_list(condition: str, served: Served) -> None:
    answer = ask(served.url, PATH, (*BEARER, GZIP, ("If-None-Match", condition)))
    assert answer.status == 200
    assert len(answer.body) == int(answer["Content-Length"]) > 0


@pytest.mark.parametrize("change", [str.upper, lambda own: own.strip('"'), lambda own: own[:-2] + '"'])
def test_a_tag_that_is_only_similar_gets_the_whole_list(change: object, served: Served) -> None:
    assert callable(change)
    sent = str(change(tag(served)))
    assert ask(served.url, PATH, (*BEARER, GZIP, ("If-None-Match", sent))).status == 200


@pytest.mark.parametrize("coding", ["br", "zstd", "identity"])
def test_the_tag_of_another_coding_gets_the_whole_list_in_the_asked_one(coding: str, served: Served) -> None:
    answer = ask(served.url, PATH, (*BEARER, GZIP, ("If-None-Match", tag(served, coding))))
    assert answer.status == 200
    assert answer["Content-Encoding"] == "gzip"


def test_the_tag_of_another_view_gets_the_whole_list(served: Served) -> None:
    full = tag(served, query="?view=full")
    assert ask(served.url, PATH, (*BEARER, GZIP, ("If-None-Match", full))).status == 200
    assert ask(served.url, f"{PATH}?view=full", (*BEARER, GZIP, ("If-None-Match", full))).status == 304


def test_a_condition_opens_no_door(served: Served) -> None:
    assert ask(served.url, PATH, (GZIP, ("If-None-Match", tag(served)))).status == 401
    assert ask(served.url, PATH, (GZIP, ("If-None-Match", "*"))).status == 401


def test_a_date_is_not_evaluated_and_gets_the_whole_list(served: Served) -> None:
    modified = ask(served.url, PATH)["Last-Modified"]
    assert ask(served.url, PATH, (*BEARER, ("If-Modified-Since", modified))).status == 200
