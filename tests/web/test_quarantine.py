"""`/api/ai/quarantine`: what the guard kept aside, and an administrator's word on it."""

from collections.abc import Iterator

import pytest

from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records

PATH = "/api/ai/quarantine"
ENTRY = ["id", "reason", "detail", "admissible", "model_count", "first_seen_at", "last_seen_at", "repeats"]
GOOD = make_records(40)


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, UpstreamSimulator]]:
    with UpstreamSimulator(GOOD) as upstream:
        settings = settings_for(tmp_path_factory.mktemp("data"), upstream.base_url)
        with serving(settings) as served:
            wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
            yield served, upstream


def quarantine(served: Served, upstream: UpstreamSimulator, fault: str) -> int:
    """The id of the entry that a faulty answer becomes."""
    upstream.change(fault=FAULTS[fault])
    done = served.sync().json()
    assert done["attempt"]["outcome"] == "quarantined"
    return int(done["quarantine_id"])


def entries(served: Served) -> list[dict[str, object]]:
    answer = served.http.get(PATH)
    assert answer.status_code == 200
    found: list[dict[str, object]] = answer.json()["quarantine"]
    return found


def test_entries_are_listed_newest_first_and_shown_with_what_upstream_sent(
    pair: tuple[Served, UpstreamSimulator],
) -> None:
    served, upstream = pair
    assert entries(served) == []
    shrunk = quarantine(served, upstream, "under_half_of_the_list")
    page = quarantine(served, upstream, "html_page")
    newest, oldest = entries(served)
    assert list(newest) == ENTRY
    assert (newest["id"], newest["reason"], newest["admissible"], newest["model_count"]) == (page, "html", False, 0)
    assert (oldest["id"], oldest["reason"], oldest["admissible"], oldest["model_count"]) == (shrunk, "shrunk", True, 19)
    assert (newest["repeats"], oldest["repeats"]) == (1, 0), "upstream says the newest now"
    assert "19" in str(oldest["detail"])

    shown = served.http.get(f"{PATH}/{page}").json()
    assert shown["entry"] == newest
    (sent,) = shown["pages"]
    assert list(sent) == ["url", "bytes", "begins"]
    assert sent["url"].startswith(upstream.base_url)
    assert sent["begins"].startswith("<!DOCTYPE html>")
    assert sent["bytes"] >= len(sent["begins"])


def test_what_upstream_repeats_is_one_entry_that_counts(pair: tuple[Served, UpstreamSimulator]) -> None:
    served, upstream = pair
    first = quarantine(served, upstream, "under_half_of_the_list")
    assert quarantine(served, upstream, "under_half_of_the_list") == first
    (entry,) = entries(served)
    assert entry["repeats"] == 2
    status = served.status().json()["sources"][0]["quarantine"]
    assert status == {"count": 1, "newest_id": first, "newest_reason": "shrunk", "repeats": 2}


def test_a_list_kept_aside_is_served_at_an_administrators_word(pair: tuple[Served, UpstreamSimulator]) -> None:
    served, upstream = pair
    before = served.models()
    entry = quarantine(served, upstream, "under_half_of_the_list")
    assert served.models().content == before.content
    admitted = served.http.post(f"{PATH}/{entry}")
    assert admitted.status_code == 200
    done = admitted.json()
    assert (done["attempt"]["outcome"], done["serial"]) == ("changed", 2)
    assert "admitted by an administrator" in done["warning"]
    after = served.models()
    assert after.headers["X-Catalogue-Serial"] == "2"
    assert after.headers["ETag"] != before.headers["ETag"]
    assert served.status().json()["counts"]["all"] == 19
    assert entries(served) == []
    assert served.http.post(f"{PATH}/{entry}").status_code == 404
    assert served.sync().json()["attempt"]["outcome"] == "unchanged", "upstream still sends it"


def test_a_dropped_list_is_gone_and_begins_anew(pair: tuple[Served, UpstreamSimulator]) -> None:
    served, upstream = pair
    quarantine(served, upstream, "under_half_of_the_list")
    entry = quarantine(served, upstream, "under_half_of_the_list")
    dropped = served.http.delete(f"{PATH}/{entry}")
    assert (dropped.status_code, dropped.content) == (204, b"")
    assert entries(served) == []
    for method in ("GET", "POST", "DELETE"):
        again = served.http.request(method, f"{PATH}/{entry}")
        assert (again.status_code, again.json()["error"]) == (404, "NOT_FOUND")
    quarantine(served, upstream, "under_half_of_the_list")
    assert [kept["repeats"] for kept in entries(served)] == [1]


@pytest.mark.parametrize("fault", ["html_page", "invalid_json", "error_object", "empty_list"])
def test_what_is_no_list_of_models_cannot_be_admitted(fault: str, pair: tuple[Served, UpstreamSimulator]) -> None:
    served, upstream = pair
    entry = quarantine(served, upstream, fault)
    refused = served.http.post(f"{PATH}/{entry}")
    assert (refused.status_code, refused.json()["error"]) == (409, "NOT_ADMISSIBLE")
    assert served.models().headers["X-Catalogue-Serial"] == "1"
    assert [kept["id"] for kept in entries(served)] == [entry]
    assert served.http.delete(f"{PATH}/{entry}").status_code == 204


def test_an_id_that_is_none_is_400_and_one_that_is_not_there_404(pair: tuple[Served, UpstreamSimulator]) -> None:
    served, _ = pair
    for method in ("GET", "POST", "DELETE"):
        for wrong in ("0", "-1", "abc", "1e0", "1.5", str(2**31), "9" * 5000, "%00", "%F0%9F%A6%89"):
            refused = served.http.request(method, f"{PATH}/{wrong}")
            assert (refused.status_code, refused.json()["error"]) == (400, "INVALID_PARAMETER"), wrong[:20]
            assert "entry_id" in refused.json()["detail"]
            assert len(refused.json()["detail"]) < 300
        for unknown in ("1", "77", str(2**31 - 1)):
            assert served.http.request(method, f"{PATH}/{unknown}").status_code == 404
        for beyond in ("1/pages", ""):
            assert served.http.request(method, f"{PATH}/{beyond}").status_code == 404


@pytest.mark.parametrize("spelling", ["1.0", "+1", "%201", "1%20", "01", "1_0"])
def test_an_entry_has_one_address(spelling: str, pair: tuple[Served, UpstreamSimulator]) -> None:
    served, upstream = pair
    entry = quarantine(served, upstream, "html_page")
    assert entry == 1
    assert served.http.delete(f"{PATH}/{spelling}").status_code == 400
    assert [kept["id"] for kept in entries(served)] == [entry]
