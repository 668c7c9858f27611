"""Every record that OpenRouter ever sent us goes in as it was and comes out of the endpoint as the contract says."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import brotli
import pytest
import zstandard

from tests.contract.contract_types import wrong_types
from tests.contract.oracle import Json, differences, expected_listing, parse
from tests.serving import Served, serving, settings_for, wait_for
from tests.shared_data import RealList, real_lists
from tests.upstream_simulator import UpstreamSimulator, make_records
from tests.web.wire import BEARER, ask

SMALL = sorted((Path(__file__).resolve().parents[1] / "data").glob("*.json"))
KEY = "sk-or-v1-a-key-of-the-account"
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "gzip": gzip.decompress,
}


@dataclass(frozen=True)
class Pair:
    """A server, and the upstream it follows."""

    served: Served
    upstream: UpstreamSimulator

    def take(self, raw: bytes) -> None:
        """Let upstream send these bytes and the server serve them."""
        self.upstream.change(records=raw)
        done = self.served.sync().json()
        assert done["attempt"]["outcome"] in ("changed", "unchanged"), done
        assert done["rejects"] == 0, self.served.status().json()


@pytest.fixture(scope="module", params=[None, KEY], ids=["without a key", "with a key"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Lists of three years in any order follow each other here, so the guard lets all pass."""
    with UpstreamSimulator(make_records(10)) as upstream:
        settings = settings_for(
            tmp_path_factory.mktemp("data"),
            upstream.base_url,
            openrouter_api_key=request.param,
            quarantine_min_share=0,
            quarantine_max_reject_share=1,
            quarantine_max_repriced_share=1,
        )
        with serving(settings) as served:
            wait_for(lambda: served.models().headers["X-Catalogue-Source"] == "live")
            yield Pair(served, upstream)


def assert_exact(pair: Pair, raw: bytes, *, configured: bool) -> None:
    expected = expected_listing(raw, configured=configured)
    identity = ask(pair.served.url, "/api/ai/models")
    assert identity.status == 200
    assert identity["X-Catalogue-Source"] == "live"
    assert differences(expected, identity.body) == []
    assert wrong_types(identity.body) == []
    for coding, decode in DECODERS.items():
        coded = ask(pair.served.url, "/api/ai/models", (*BEARER, ("Accept-Encoding", coding)))
        assert coded["Content-Encoding"] == coding
        assert decode(coded.body) == identity.body


def rows(raw: bytes) -> list[Json]:
    document = parse(raw)
    data = document["data"] if isinstance(document, dict) else document
    assert isinstance(data, list)
    return data


@pytest.mark.real_lists
@pytest.mark.parametrize("pair", [None], ids=["without a key"], indirect=True)
@pytest.mark.parametrize("real", real_lists(), ids=str)
def test_every_record_of_a_real_list_comes_out_as_the_contract_says(real: RealList, pair: Pair) -> None:
    raw = real.raw()
    pair.take(raw)
    assert_exact(pair, raw, configured=False)
    assert pair.served.status().json()["counts"]["all"] == len(rows(raw)), "no record is lost, of whatever modality"


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.stem)
def test_every_small_case_comes_out_as_the_contract_says(path: Path, pair: Pair) -> None:
    raw = path.read_bytes()
    pair.take(raw)
    configured = pair.served.context.configured
    assert_exact(pair, raw, configured=configured)


def test_invented_records_of_every_kind_come_out_as_the_contract_says_page_by_page(pair: Pair) -> None:
    records = make_records(90, seed=7)
    pair.upstream.change(records=records, page_size=20)
    assert pair.served.sync().json()["attempt"]["outcome"] == "changed"
    listed = pair.served.ids()
    texts = [record["id"] for record in records if "text" in outputs(record)]
    assert listed == texts
    pair.upstream.change(page_size=None)


def outputs(record: dict[str, object]) -> list[object]:
    architecture = record["architecture"]
    assert isinstance(architecture, dict)
    found = architecture["output_modalities"]
    assert isinstance(found, list)
    return found
