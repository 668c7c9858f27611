"""Price texts, from upstream's bytes to the endpoint's, through the whole server."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.contract.oracle import differences, expected_listing
from tests.serving import serving, settings_for
from tests.strategies import page, price_texts, served_quick
from tests.upstream_simulator import UpstreamSimulator

RATES = ("prompt", "completion", "image", "request", "web_search", "internal_reasoning", "input_cache_read")


def test_price_texts_survive_byte_for_byte(tmp_path: Path) -> None:
    with (
        UpstreamSimulator() as upstream,
        serving(settings_for(tmp_path, upstream.base_url, quarantine_max_repriced_share=1)) as served,
    ):

        @served_quick
        @given(st.lists(price_texts(), min_size=len(RATES) * 20, max_size=len(RATES) * 20))
        def check(texts: list[str]) -> None:
            rows = []
            for place in range(20):
                stated = zip(RATES, texts[place * len(RATES) :], strict=False)
                rates = ",".join(f'"{name}":"{text}"' for name, text in stated)
                rows.append(f'{{"id":"acme/owl-{place}","pricing":{{{rates}}}}}')
            upstream.change(records=page(rows))
            assert served.sync().json()["attempt"]["outcome"] in ("changed", "unchanged")
            body = served.models().content
            for text in texts:
                assert f':"{text}"'.encode() in body
            assert differences(expected_listing(page(rows), configured=False), body) == []

        check()
