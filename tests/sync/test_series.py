"""A change of address or scope begins a series of its own, and the bundle is no yardstick for any."""

from pathlib import Path

from tests.build import answer, records
from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import UpstreamSimulator


def has_come(served: Served) -> None:
    wait_for(lambda: served.models().headers.get("X-Catalogue-Source") == "live")


def test_a_small_upstream_of_ones_own_is_admitted_over_the_bundle(tmp_path: Path) -> None:
    with UpstreamSimulator(answer(records(1))) as upstream:
        with serving(settings_for(tmp_path, upstream.base_url, offline=True)) as served:
            assert served.models().headers["X-Catalogue-Source"] == "bundled"
            assert served.models().headers["X-Catalogue-Serial"] == "0"
            assert len(served.ids()) > 400
        with serving(settings_for(tmp_path, upstream.base_url)) as served:
            has_come(served)
            assert (served.ids(), served.models().headers["X-Catalogue-Serial"]) == (["acme/owl-1"], "1")
            assert served.http.get("/api/ai/quarantine").json() == {"quarantine": []}


def test_another_address_begins_anew_and_the_first_one_is_found_again(database_url: str, tmp_path: Path) -> None:
    with UpstreamSimulator(answer(records(20)), etag=True) as large, UpstreamSimulator(answer(records(2))) as small:
        with serving(settings_for(tmp_path, large.base_url, database_url=database_url)) as served:
            has_come(served)
            assert len(served.ids()) == 20
        with serving(settings_for(tmp_path, small.base_url, database_url=database_url)) as served:
            has_come(served)
            assert (len(served.ids()), served.models().headers["X-Catalogue-Serial"]) == (2, "2")
        assert [asked.headers.get("if-none-match") for asked in small.requests] == [None]
        with serving(settings_for(tmp_path, large.base_url, database_url=database_url, offline=True)) as served:
            assert (len(served.ids()), served.models().headers["X-Catalogue-Serial"]) == (20, "1")
            assert served.models().headers["X-Catalogue-Source"] == "store"


def test_another_address_does_not_serve_the_first_ones_list(tmp_path: Path) -> None:
    with (
        UpstreamSimulator(answer(records(20))) as upstream,
        serving(settings_for(tmp_path, upstream.base_url)) as served,
    ):
        has_come(served)
    with serving(settings_for(tmp_path, "http://127.0.0.1:9/elsewhere", bundle=False, offline=True)) as served:
        assert served.models().status_code == 503


def test_another_scope_begins_anew(tmp_path: Path) -> None:
    rows = records(20)
    with UpstreamSimulator(rows, account_ids=frozenset({"acme/owl-7"})) as upstream:
        keyed = {"openrouter_api_key": "a-key-of-the-account"}
        with serving(settings_for(tmp_path, upstream.base_url, **keyed)) as served:
            has_come(served)
            assert len(served.ids()) == 20
        with serving(settings_for(tmp_path, upstream.base_url, openrouter_scope="account", **keyed)) as served:
            has_come(served)
            assert served.ids() == ["acme/owl-7"]
            assert served.status().json()["sources"][0]["quarantine"]["count"] == 0
        with serving(settings_for(tmp_path, upstream.base_url, offline=True, **keyed)) as served:
            assert len(served.ids()) == 20
