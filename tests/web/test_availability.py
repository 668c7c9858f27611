"""There is always a list, or an honest 503; and the answers say where the list comes from."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.serving import Served, serving, settings_for, wait_for
from tests.upstream_simulator import FAULTS, UpstreamSimulator, make_records
from tests.web.wire import ask

PATH = "/api/ai/models"
KEY = "sk-or-v1-a-key-of-the-account"


def source(served: Served) -> str:
    return str(served.models().headers["X-Catalogue-Source"])


def group_of(served: Served, kind: str) -> dict[str, object]:
    group: dict[str, object] = served.models().json()[kind][0]
    return group


def assert_no_list(served: Served) -> None:
    for method in ("GET", "HEAD"):
        answer = ask(served.url, PATH, method=method)
        assert answer.status == 503
        assert int(answer["Retry-After"]) > 0
        assert answer["Content-Type"] == "application/problem+json"
        assert not [name for name in answer.names() if name.startswith("x-catalogue") or name == "etag"]
    refused = served.http.get(PATH)
    assert refused.json()["error"] == "NO_CATALOGUE"
    assert served.http.get(f"{PATH}?view=full").status_code == 503
    ready = served.http.get("/readyz")
    assert (ready.status_code, ready.json()["error"]) == (503, "NO_CATALOGUE")
    assert int(ready.headers["Retry-After"]) > 0
    assert served.http.get("/healthz").status_code == 200


def test_nothing_had_yet_is_503_until_upstream_answers(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20), fault=FAULTS["internal_error"]) as upstream:
        settings = settings_for(tmp_path, upstream.base_url, bundle=False)
        with serving(settings) as served:
            assert_no_list(served)
            assert served.sync().json()["attempt"]["outcome"] == "failed"
            assert_no_list(served)
            status = served.status().json()
            assert (status["serial"], status["source"], status["age_seconds"]) == (0, None, None)
            assert status["counts"] == {"text": 0, "image": 0, "all": 0}
            assert status["sources"][0]["last_attempt"]["outcome"] == "failed"
            assert ask(served.url, PATH, ()).status == 401, "who may not ask is told nothing else"
            assert served.http.get(f"{PATH}?veiw=full").status_code == 400

            upstream.change(fault=None)
            assert served.sync().json()["attempt"]["outcome"] == "changed"
            assert source(served) == "live"
            assert served.http.get("/readyz").status_code == 200


def test_a_server_that_started_without_a_list_recovers_by_itself(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20), fault=FAULTS["close_before_answer"]) as upstream:
        settings = settings_for(tmp_path, upstream.base_url, bundle=False, sync_retry_seconds=1)
        with serving(settings) as served:
            upstream.wait_for_requests(1)
            assert served.models().status_code == 503
            upstream.change(fault=None)
            wait_for(lambda: served.models().status_code == 200)
            assert source(served) == "live"


def test_without_a_network_the_bundle_is_served_and_says_so(tmp_path: Path) -> None:
    with serving(settings_for(tmp_path)) as served:
        assert served.sync().json()["attempt"]["outcome"] == "failed"
        answer = served.models()
        assert answer.headers["X-Catalogue-Source"] == "bundled"
        assert answer.headers["X-Catalogue-Serial"] == "0"
        taken = datetime.now(UTC).timestamp() - int(answer.headers["X-Catalogue-Age"])
        assert datetime.fromtimestamp(taken + 60, UTC).date().isoformat() == "2026-10-26"
        assert answer.headers["Last-Modified"] == "Mon, 26 Oct 2026 00:00:00 GMT"
        counts = served.status().json()["counts"]
        assert (counts["text"], counts["image"]) == (472, 63)
        assert served.http.get("/readyz").status_code == 200


def test_the_source_goes_from_bundled_to_live_to_store_and_back(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20), fault=FAULTS["internal_error"]) as upstream:
        settings = settings_for(tmp_path, upstream.base_url)
        with serving(settings) as served:
            assert served.sync().json()["attempt"]["outcome"] == "failed"
            assert source(served) == "bundled"
            upstream.change(fault=None)
            assert served.sync().json()["serial"] == 1
            assert source(served) == "live"
            live = served.models()
            upstream.change(fault=FAULTS["html_page"])
            assert served.sync().json()["attempt"]["outcome"] == "quarantined"
            assert source(served) == "store"

        with serving(settings) as served:
            stored = served.models()
            assert (source(served), stored.content) == ("store", live.content)
            assert stored.headers["ETag"] == live.headers["ETag"]
            assert stored.headers["Last-Modified"] == live.headers["Last-Modified"]
            assert stored.headers["X-Catalogue-Serial"] == "1"
            upstream.change(fault=None)
            assert served.sync().json()["attempt"]["outcome"] == "unchanged"
            assert source(served) == "live"
            assert int(served.models().headers["X-Catalogue-Age"]) <= 1


def test_an_offline_server_serves_its_store(tmp_path: Path) -> None:
    with UpstreamSimulator(make_records(20)) as upstream:
        settings = settings_for(tmp_path, upstream.base_url)
        with serving(settings) as served:
            assert served.sync().json()["serial"] == 1
        asked = len(upstream.requests)
        with serving(settings_for(tmp_path, upstream.base_url, offline=True)) as served:
            assert source(served) == "store"
        assert len(upstream.requests) == asked


@pytest.mark.parametrize(
    ("key", "hide", "configured", "shown"),
    [(None, False, False, True), (None, True, False, False), (KEY, False, True, True), (KEY, True, True, True)],
)
@pytest.mark.parametrize("view", ["listed", "full"])
def test_models_of_an_unconfigured_provider_are_listed_unless_hidden(
    *, key: str | None, hide: bool, configured: bool, shown: bool, view: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, offline=True, openrouter_api_key=key, hide_unconfigured=hide)
    with serving(settings) as served:
        listing = served.http.get(PATH, params={"view": view}).json()
        for kind, count in (("text", 472), ("image", 63)):
            (group,) = listing[kind]
            assert list(group) == ["provider", "configured", "models"]
            assert (group["provider"], group["configured"]) == ("openrouter", configured)
            assert len(group["models"]) == (count if shown else 0)
        assert served.status().json()["counts"]["text"] == 472, "the catalogue keeps what the list hides"
        assert served.status().json()["sources"][0]["configured"] is configured


def test_having_a_key_or_hiding_is_content_of_its_own(tmp_path: Path) -> None:
    tags = set()
    for key, hide in ((None, False), (None, True), (KEY, False)):
        with serving(settings_for(tmp_path, offline=True, openrouter_api_key=key, hide_unconfigured=hide)) as served:
            tags.add(served.models().headers["ETag"])
    assert len(tags) == 3
