"""However upstream fails, the endpoint goes on answering, says the truth about it, and recovers by itself."""

from contextlib import closing
from pathlib import Path

import pytest

from llmanac.settings import Settings
from tests.serving import serving, settings_for, wait_for
from tests.sync.pipeline import HOUR, Pipeline
from tests.upstream_simulator import FAULTS, Fault, Outcome, UpstreamSimulator, make_records

KEY = "a-key-of-the-account"
GOOD = make_records(40)


TIGHT: dict[str, object] = {
    "openrouter_api_key": KEY,
    "sync_timeout_seconds": 1,
    "sync_connect_seconds": 1,
    "sync_max_body_bytes": 1 << 20,
    "sync_max_pages": 5,
    "sync_retry_after_max_seconds": 0,
}
"""Limits that the endless faults run into soon."""
ALWAYS_SERVED = ("internal_error", "close_in_body", "html_page", "under_half_of_the_list")
"""Two of each outcome: in `make test` the others go through the sync alone."""


def limited(tmp_path: Path, upstream: UpstreamSimulator, **values: object) -> Settings:
    return settings_for(tmp_path, upstream.base_url, **(TIGHT | values))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_fault_is_told_for_what_it_is_and_the_next_list_is_taken(fault: Fault, tmp_path: Path) -> None:
    with UpstreamSimulator(GOOD) as upstream:
        pipeline = Pipeline(f"sqlite:///{tmp_path / 'llmanac.db'}", upstream, **TIGHT)
        with closing(pipeline):
            assert pipeline.sync().attempt.outcome == "changed"
            upstream.change(fault=fault)
            failed = pipeline.sync(after=HOUR).attempt
            assert failed.outcome == fault.outcome.value, failed
            assert failed.detail
            assert not [asked for asked in upstream.foreign_requests if asked.authorization]
            upstream.change(fault=None)
            assert pipeline.sync(after=HOUR).attempt.outcome == "unchanged"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=name, marks=() if name in ALWAYS_SERVED else pytest.mark.slow)
        for name, fault in FAULTS.items()
    ],
)
def test_every_fault_leaves_the_last_good_bytes_tells_the_truth_and_is_recovered_from(
    fault: Fault, tmp_path: Path
) -> None:
    with UpstreamSimulator(GOOD) as upstream, serving(limited(tmp_path, upstream)) as served:
        wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
        good = served.models()

        upstream.change(fault=fault)
        done = served.sync().json()
        assert done["attempt"]["outcome"] == fault.outcome.value, done
        assert done["attempt"]["detail"]

        still = served.models()
        assert (still.status_code, still.content) == (200, good.content)
        assert still.headers["ETag"] == good.headers["ETag"]
        assert still.headers["X-Catalogue-Serial"] == "1"
        assert still.headers["X-Catalogue-Source"] == "store"
        source = served.status().json()["sources"][0]
        assert source["last_attempt"]["outcome"] == fault.outcome.value
        assert source["failures"] == 1
        assert source["quarantine"]["count"] == (1 if fault.outcome is Outcome.QUARANTINED else 0)
        assert not [asked for asked in upstream.foreign_requests if asked.authorization]

        upstream.change(fault=None)
        assert served.sync().json()["attempt"]["outcome"] == "unchanged"
        recovered = served.models()
        assert recovered.content == good.content
        assert recovered.headers["X-Catalogue-Source"] == "live"
