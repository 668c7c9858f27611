"""Every real list since 2023 can be priced."""

from datetime import datetime
from fractions import Fraction

import pytest

from llmanac.cost.quote import quote
from llmanac.cost.workload import Workload
from llmanac.pricing.rate_card import rate_card
from tests.shared_data import RealList, facts, real_lists
from tests.strategies import taken

SATURDAY_NIGHT = datetime.fromisoformat("2026-10-24T23:30:00+00:00")

WORKLOADS = (
    Workload(prompt_tokens=1000, completion_tokens=500),
    Workload(prompt_tokens=300_000, cache_read_tokens=200_000, cache_write_tokens=50_000, completion_tokens=9000),
    Workload(prompt_tokens=1000, completion_tokens=500, reasoning_tokens=400, web_searches=2, audio_tokens_in=50),
    Workload(prompt_tokens=10, image_tokens_out=1290, image_tokens_in=258),
)


@pytest.mark.real_lists
@pytest.mark.parametrize("real", real_lists()[::5], ids=str)
def test_every_model_of_a_real_list_is_priced_and_the_lines_add_up(real: RealList) -> None:
    for model in taken(real.raw()).models:
        card = rate_card(model)
        for asked in WORKLOADS:
            found = quote(card, asked, now=SATURDAY_NIGHT)
            assert Fraction(found.known_total) == sum(Fraction(line.amount) for line in found.lines)
            assert found.total == (found.known_total if found.complete else None)


@pytest.mark.real_lists
def test_no_model_that_gives_text_is_free_unless_it_says_so() -> None:
    for model in taken(facts().raw()).models:
        found = quote(rate_card(model), WORKLOADS[0], now=SATURDAY_NIGHT)
        if found.total == 0:
            assert model.pricing.state == "zero", model.id
            assert (
                not {"image", "video", "audio", "speech", "transcription", "rerank"}
                & {*model.architecture.output_modalities}
                or model.variant == "free"
            ), model.id
