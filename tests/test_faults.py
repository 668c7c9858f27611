"""However upstream fails, the endpoint goes on answering, says the truth about it, and recovers by itself."""

from pathlib import Path

import pytest

from llmanac.settings import Settings
from tests.serving import serving, settings_for, wait_for
from tests.upstream_simulator import FAULTS, Fault, Outcome, UpstreamSimulator, make_records

KEY = "a-key-of-the-account"
GOOD = make_records(40)


def limited(tmp_path: Path, upstream: UpstreamSimulator, **values: object) -> Settings:
    """Limits that the endless faults run into soon."""
    tight: dict[str, object] = {
        "openrouter_api_key": KEY,
        "sync_timeout_seconds": 1,
        "sync_connect_seconds": 1,
        "sync_max_body_bytes": 1 << 20,
        "sync_max_pages": 5,
        "sync_retry_after_max_seconds": 0,
    }
    return settings_for(tmp_path, upstream.base_url, **(tight | values))


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
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
