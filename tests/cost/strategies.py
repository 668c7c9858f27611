"""What hypothesis draws: pricing as upstream writes it or might, and workloads that are possible."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from llmanac.cost.workload import Week, Workload
from llmanac.pricing.rate_card import RateCard, rate_card
from tests.cost.worked import model

RATES = (
    "prompt", "completion", "input_cache_read", "input_cache_write", "input_cache_write_1h", "internal_reasoning",
    "image", "image_token", "image_output", "audio", "audio_output", "web_search", "request",
)  # fmt: skip
MONDAY = datetime(2026, 10, 26, tzinfo=UTC)

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def prices() -> st.SearchStrategy[str]:
    """Known, zero and now and then dynamic; few enough that the same ones meet."""
    usual = ("0.000003", "0.0000004", "1e-7", "0.0000006000000000000001", "0.01", "0")
    any_price = st.integers(0, 10**6).map(lambda millionths: f"0.{millionths:06}")
    return st.sampled_from((*usual, *usual, "-1")) | any_price


def counts(most: int = 400) -> st.SearchStrategy[int]:
    """Zero half of the time, so that most workloads need few rates."""
    return st.just(0) | st.integers(0, most)


@st.composite
def overrides(draw: st.DrawFn) -> dict[str, object]:
    """An entry with conditions known and, seldom, not."""
    conditions: dict[str, object] = {}
    if draw(st.booleans()):
        conditions["min_prompt_tokens"] = draw(st.integers(0, 500))
    if draw(st.booleans()):
        hours = st.integers(0, 23).map(lambda hour: hour * 100) | st.integers(0, 23).map(lambda hour: hour * 100 + 30)
        conditions |= {"utc_start": draw(hours), "utc_end": draw(hours)}
    if draw(st.booleans()):
        conditions["utc_days"] = draw(st.lists(st.sampled_from(_DAYS), max_size=3))
    if draw(st.integers(0, 9)) == 0:
        conditions["region"] = "moon"
    return conditions | draw(st.dictionaries(st.sampled_from(RATES), prices(), max_size=4))


@st.composite
def pricings(draw: st.DrawFn) -> dict[str, object]:
    """The whole of `pricing`; prompt and completion mostly stated."""
    stated: dict[str, object] = {"prompt": draw(prices()), "completion": draw(prices())}
    stated |= draw(st.dictionaries(st.sampled_from(RATES), prices()))
    if draw(st.booleans()):
        stated["overrides"] = draw(st.lists(overrides(), max_size=4))
    return stated


def cards(pricing: st.SearchStrategy[Mapping[str, object]] | None = None) -> st.SearchStrategy[RateCard]:
    """Cards of models that give this and that, `:free` ones among them."""
    return st.builds(
        lambda stated, name, gives: rate_card(model(stated, name=name, gives=gives)),
        pricings() if pricing is None else pricing,
        st.sampled_from(("acme/owl-2", "acme/owl-2", "acme/owl-2:free", "~acme/owl-latest")),
        st.sampled_from((("text",), ("text",), ("text", "image"), ("image",), ("speech",))),
    )


def instants() -> st.SearchStrategy[datetime]:
    """Any minute of a week."""
    return st.integers(0, 7 * 24 * 60 - 1).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


def weeks() -> st.SearchStrategy[Week]:
    """A few requests at any hour."""
    hours = st.lists(st.integers(0, 5), min_size=24, max_size=24).map(tuple)
    return st.builds(Week, every_day=st.none() | hours, friday=st.none() | hours, sunday=st.none() | hours)


@st.composite
def workloads(draw: st.DrawFn) -> Workload:
    """A possible workload at one instant, with images that have tokens and images that have none."""
    read, write, write_1h, reasoning = (draw(counts()) for _ in range(4))
    plain = draw(st.booleans())
    return Workload(
        requests=draw(st.integers(0, 50)),
        prompt_tokens=read + write + write_1h + draw(counts()),
        cache_read_tokens=read,
        cache_write_tokens=write,
        cache_write_1h_tokens=write_1h,
        completion_tokens=reasoning + draw(counts()),
        reasoning_tokens=reasoning,
        images_in=draw(counts(3)),
        images_out=draw(counts(3)),
        image_tokens_in=0 if plain else draw(counts()),
        image_tokens_out=0 if plain else draw(counts()),
        audio_tokens_in=0 if plain else draw(counts()),
        audio_tokens_out=0 if plain else draw(counts()),
        web_searches=0 if plain else draw(counts()),
        at=draw(instants()),
    )
