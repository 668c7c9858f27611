"""The list that ships with llmanac."""

from datetime import UTC, datetime
from pathlib import Path

from llmanac.catalogue.snapshot import Snapshot
from llmanac.sync.load import bundled_catalogue
from llmanac.upstream.bundled import load_bundle
from tests.serving import serving, settings_for


def test_the_bundle_is_a_list_without_rejects() -> None:
    snapshot = load_bundle()
    assert isinstance(snapshot, Snapshot)
    assert snapshot.rejects == ()
    assert snapshot.source == "openrouter"
    assert all(model.description for model in snapshot.models)


def test_a_first_run_without_a_network_serves_the_bundle_and_its_age(tmp_path: Path) -> None:
    catalogue = bundled_catalogue()
    assert catalogue is not None
    with serving(settings_for(tmp_path)) as served:
        answer = served.models()
        assert (answer.headers["X-Catalogue-Source"], answer.headers["X-Catalogue-Serial"]) == ("bundled", "0")
        assert served.status().json()["counts"] == {"text": 472, "image": 63, "all": len(catalogue.by_id)}
        taken_at = datetime(2026, 10, 26, tzinfo=UTC)
        assert catalogue.changed_at == taken_at
        assert datetime.fromisoformat(served.status().json()["sources"][0]["taken_at"]) == taken_at
