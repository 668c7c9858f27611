"""What ids, modalities, dates and rates say."""

import json
from datetime import date

import pytest

from llmanac.catalogue.expiry import ModelStatus, expires_on
from llmanac.catalogue.ids import ModelId, author_of, is_alias, variant_of
from llmanac.catalogue.modality import derive_modalities
from llmanac.catalogue.money import PriceState, parse_price
from llmanac.catalogue.pricing import Pricing
from llmanac.upstream.decode import decode_rows


@pytest.mark.parametrize(
    ("name", "author", "variant", "alias"),
    [
        ("acme/owl-2", "acme", None, False),
        ("acme/owl-2:free", "acme", "free", False),
        ("~acme/owl-latest", "acme", None, True),
        ("owl", "", None, False),
        ("acme/owl/big:a:b", "acme", "a:b", False),
    ],
)
def test_an_id_tells_author_variant_and_alias(name: str, author: str, variant: str | None, *, alias: bool) -> None:
    model = ModelId(name)
    assert (author_of(model), variant_of(model), is_alias(model)) == (author, variant, alias)


@pytest.mark.parametrize(
    ("modality", "taken", "given"),
    [
        (None, ("text",), ("text",)),
        ("text", ("text",), ("text",)),
        ("multimodal", ("text", "image"), ("text",)),
        ("text->text", ("text",), ("text",)),
        ("text+image->text+image", ("text", "image"), ("text", "image")),
        ("text + smell -> gesture", ("text", "smell"), ("gesture",)),
        ("text->", ("text",), ()),
    ],
)
def test_modalities_are_derived_where_a_record_has_no_lists(
    modality: str | None, taken: tuple[str, ...], given: tuple[str, ...]
) -> None:
    assert derive_modalities(modality) == (taken, given)


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2026-12-31T23:00:00Z", date(2026, 12, 31)),
        ("2098-12-31", None),
        (None, None),
        ("soon", None),
        ("", None),
        (20261231, None),
        ({}, None),
    ],
)
def test_an_announced_day_is_read_and_a_sentinel_is_none(stated: object, day: date | None) -> None:
    sent = json.dumps({"id": "acme/owl", "expiration_date": stated}).encode()
    assert expires_on(sent) == day
    (model,), _ = decode_rows((sent,))
    assert (model.expires_on, model.status) == (day, ModelStatus.EXPIRING if day else ModelStatus.ACTIVE)


def test_a_record_without_a_day_does_not_expire() -> None:
    assert expires_on(b'{"id": "acme/owl"}') is None


@pytest.mark.parametrize(
    ("prompt", "completion", "state"),
    [
        ("0", "0", PriceState.ZERO),
        ("0", "0.1", PriceState.KNOWN),
        ("-1", "0", PriceState.DYNAMIC),
        ("-1", None, PriceState.DYNAMIC),
        ("0", None, PriceState.UNKNOWN),
        (None, None, PriceState.UNKNOWN),
        ("0.1", None, PriceState.UNKNOWN),
    ],
)
def test_the_state_of_a_pricing_is_that_of_prompt_and_completion_together(
    prompt: str | None, completion: str | None, state: PriceState
) -> None:
    stated = {"prompt": prompt, "completion": completion, "image": "0.5"}
    assert Pricing({name: parse_price(text) for name, text in stated.items() if text is not None}).state is state
