"""What narrows a list. Filters commute: each decides about a model by itself.

Names are OpenRouter's where it has one, with its meaning (its API reference, 2026-11); the others are ours.
"""

from llmanac.query.facet_names import NONE
from llmanac.query.field import Field, FieldKind, Operator

MAX_TOKENS = 1_000_000_000_000
MAX_USD_PER_MILLION = 1_000_000_000_000
MAX_DAYS = 1_000_000
_PER_MILLION = "USD per million tokens"

Q = Field(
    name="q",
    allowed=(),
    default="",
    help="Words that the id, name, author or an alias of a model must have, forgiving in case, punctuation, order and "
    "one slip of a word; the last letters of a word may be missing. The best match comes first.",
    example="claude sonnet",
    kind=FieldKind.SEARCH,
    operator=Operator.LIKE,
)
IDS = Field(
    name="ids",
    allowed=(),
    default="",
    help="Only these models, by id, letter for letter.",
    example="openai/gpt-4o,~anthropic/claude-sonnet-latest",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
MODEL_AUTHORS = Field(
    name="model_authors",
    allowed=(),
    default="",
    help="Only models of these authors.",
    example="anthropic,openai",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
INPUT_MODALITIES = Field(
    name="input_modalities",
    allowed=(),
    default="",
    help="Only models that take any of these: `text`, `image`, `file`, `audio`, `video` …",
    example="image,file",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
OUTPUT_MODALITIES = Field(
    name="output_modalities",
    allowed=(),
    default="",
    help="Only models that give any of these: `text`, `image`, `embeddings`, `audio`, `video` …; `all` is any at all.",
    example="image",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
SUPPORTED_PARAMETERS = Field(
    name="supported_parameters",
    allowed=(),
    default="",
    help="Only models that support all of these.",
    example="tools,structured_outputs",
    kind=FieldKind.TEXTS,
    operator=Operator.ALL,
)
CONTEXT = Field(
    name="context",
    allowed=(),
    default="",
    help="Only models with a context of at least so many tokens.",
    example="200000",
    kind=FieldKind.WHOLE,
    at_most=MAX_TOKENS,
    unit="tokens",
    operator=Operator.AT_LEAST,
)


def _price(name: str, rate: str, operator: Operator, example: str) -> Field:
    return Field(
        name=name,
        allowed=(),
        default="",
        help=f"Only models whose {rate} price is known and {operator.value} this. Zero is known, decided per "
        "request is not.",
        example=example,
        kind=FieldKind.PRICE,
        at_most=MAX_USD_PER_MILLION,
        unit=_PER_MILLION,
        operator=operator,
    )


MIN_PRICE = _price("min_price", "prompt", Operator.AT_LEAST, "0.1")
MAX_PRICE = _price("max_price", "prompt", Operator.AT_MOST, "2.5")
MIN_OUTPUT_PRICE = _price("min_output_price", "completion", Operator.AT_LEAST, "0.4")
MAX_OUTPUT_PRICE = _price("max_output_price", "completion", Operator.AT_MOST, "10")
ARCH = Field(
    name="arch",
    allowed=(),
    default="",
    help="Only models of these families, as `architecture.tokenizer` has them, in capitals or not.",
    example="Claude,GPT",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
VARIANT = Field(
    name="variant",
    allowed=(),
    default="",
    help=f"Only these variants, as they stand after the `:` of an id: `free`, `batch` …; `{NONE}` is without.",
    example=f"free,{NONE}",
    kind=FieldKind.TEXTS,
    operator=Operator.ANY,
)
PRICE_STATE = Field(
    name="price_state",
    allowed=("free", "paid", "unknown", "dynamic"),
    default="",
    help="What is known of prompt and completion prices. `free`: both are zero (another unit may cost something); "
    "`paid`: both are known; `unknown`: one is not stated; `dynamic`: one is decided per request.",
    example="free,paid",
    kind=FieldKind.CHOICES,
    operator=Operator.ANY,
)
STATUS = Field(
    name="status",
    allowed=("active", "expiring", "removed"),
    default="",
    help="`active`: listed, and no last day announced; `expiring`: listed, with a last day; `removed`: no longer "
    "listed, with its last data, the latest gone first. Several with commas between.",
    example="expiring",
    kind=FieldKind.CHOICES,
    operator=Operator.ANY,
)


def _age(name: str, operator: Operator, example: str) -> Field:
    return Field(
        name=name,
        allowed=(),
        default="",
        help=f"Only models that OpenRouter has had for {operator.value} so many whole days. A model that does not say "
        "since when is neither young nor old.",
        example=example,
        kind=FieldKind.WHOLE,
        at_most=MAX_DAYS,
        unit="days",
        operator=operator,
    )


MIN_AGE_DAYS = _age("min_age_days", Operator.AT_LEAST, "365")
MAX_AGE_DAYS = _age("max_age_days", Operator.AT_MOST, "30")
