"""What was asked, read once."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given

from llmanac.errors import InvalidParameter
from llmanac.query.fields import FILTER_FIELDS, LISTING_FIELDS
from llmanac.query.parse import parse_query
from llmanac.query.query import Query, read_query
from llmanac.query.read import read_paths
from llmanac.query.sort_names import OPENROUTER_SORTS, UNANSWERABLE, Order, SortKey
from tests.query.made import filters
from tests.strategies import quick


def read(text: str) -> Query:
    return read_query(parse_query(text, LISTING_FIELDS))


def test_what_is_not_asked_is_an_empty_question() -> None:
    assert read("") == read_query({}) == Query()
    assert read("view=full&as_of=2026-01-01&fields=id&facets=author") == Query()


def test_every_parameter_comes_to_the_part_of_its_name() -> None:
    asked = read(
        "q=+Claude++3.5&ids=acme/Owl:free,~acme/owl-latest&model_authors=Acme,OpenAI&input_modalities=Image,text"
        "&output_modalities=image&supported_parameters=tools,SEED&context=200000&min_price=0.10&max_price=2.5"
        "&min_output_price=1&max_output_price=0010.000001&arch=GPT&variant=Free,none&price_state=free,paid"
        "&status=expiring&min_age_days=1&max_age_days=30&sort=-context,price,name,-price&offset=20&limit=10"
    )
    assert asked == Query(
        q="Claude  3.5",
        ids=frozenset({"acme/Owl:free", "~acme/owl-latest"}),
        model_authors=frozenset({"acme", "openai"}),
        input_modalities=frozenset({"image", "text"}),
        output_modalities=frozenset({"image"}),
        supported_parameters=frozenset({"tools", "seed"}),
        context=200_000,
        min_price=Decimal("0.1"),
        max_price=Decimal("2.5"),
        min_output_price=Decimal(1),
        max_output_price=Decimal("10.000001"),
        arch=frozenset({"gpt"}),
        variant=frozenset({"free", "none"}),
        price_state=frozenset({"free", "paid"}),
        status=frozenset({"expiring"}),
        min_age_days=1,
        max_age_days=30,
        sort=(SortKey(Order.CONTEXT, descending=True), SortKey(Order.PRICE), SortKey(Order.NAME)),
        offset=20,
        limit=10,
    )


@pytest.mark.parametrize("words", ["all", "image,ALL", "all,all"])
def test_all_outputs_is_no_filter(words: str) -> None:
    assert read(f"output_modalities={words}") == Query()


def test_openrouters_sorts_are_orders_of_ours_or_refused_with_the_reason() -> None:
    for name, key in OPENROUTER_SORTS.items():
        assert read(f"sort={name}").sort == (key,)
    assert read("sort=relevance").sort == ()
    for name, reason in UNANSWERABLE.items():
        with pytest.raises(InvalidParameter) as refusal:
            read(f"sort={name}")
        assert refusal.value.hint == reason


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("min_price=2&max_price=1.999999999999", "min_price, max_price: Expected min_price to be at most max_price"),
        ("min_output_price=0.1&max_output_price=0", "min_output_price, max_output_price"),
        ("min_age_days=31&max_age_days=30", "min_age_days, max_age_days"),
        ("cursor=abc&offset=0", "cursor, offset: Expected one of them, got both"),
    ],
)
def test_values_that_exclude_each_other_are_refused_by_name(query: str, detail: str) -> None:
    with pytest.raises(InvalidParameter, match=detail):
        read(query)


def test_every_least_that_has_a_most_is_held_to_it() -> None:
    pairs = [(name, "max" + name[3:]) for name in FILTER_FIELDS if name.startswith("min_")]
    assert len(pairs) == sum(name.startswith("max_") for name in FILTER_FIELDS) > 0
    for least, most in pairs:
        with pytest.raises(InvalidParameter) as refusal:
            read(f"{most}=1&{least}=2")
        assert refusal.value.parameter == least


def test_a_pair_may_be_equal_however_it_is_spelt() -> None:
    assert read("min_price=0.50&max_price=.5".replace("=.5", "=0.5")).max_price == Decimal("0.5")


def test_the_digest_tells_filters_and_order_apart_and_not_the_page_or_the_spelling() -> None:
    one = read("min_price=0.50&model_authors=b,a&sort=price")
    assert one.digest == read("model_authors=A,b,a&sort=price&min_price=0.5&offset=3&limit=9").digest
    others = ("", "min_price=0.5&model_authors=a&sort=price", "max_price=0.5&model_authors=a,b&sort=price",
              "min_price=0.5&model_authors=a,b&sort=-price", "min_price=0.5&model_authors=a,b", "q=a", "variant=a",
              "arch=a", "max_age_days=0", "min_age_days=0")  # fmt: skip
    digests = {read(text).digest for text in others} | {one.digest}
    assert len(digests) == len(others) + 1
    assert Query().digest == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", (
        "the same in every release"
    )


@quick
@given(filters(), filters())
def test_questions_are_equal_as_their_digests_are(one: Query, other: Query) -> None:
    assert (one == other) is (one.digest == other.digest)
    assert one.narrows is (one != Query())
    assert not msgspec.structs.replace(Query(), limit=1, sort=one.sort).narrows


def test_the_members_of_fields_are_paths() -> None:
    assert read_paths("id, pricing.prompt,id,,topProvider.is_moderated") == (
        ("id",),
        ("pricing", "prompt"),
        ("topProvider", "is_moderated"),
    )
