"""The twenty, in the order of the page."""

from collections.abc import Mapping

from scripts.twenty_questions import proofs
from scripts.twenty_questions.question import Json, Kept, Picked, Question

MODELS = "/api/ai/models"
CHANGES = "/api/ai/changes"
COST = "/api/ai/cost"
NEWEST = "2026-08-05T03:15:28Z"
"""`as_of` where an answer follows the clock."""

TEXT = "text[0].models"
IMAGE = "image[0].models"

_PICTURE: Mapping[str, str] = {"output_modalities": "image"}
_SEES: Mapping[str, str] = {
    "input_modalities": "image",
    "supported_parameters": "tools",
    "max_price": "3",
    "price_state": "paid",
}
_CHAT: Mapping[str, int] = {
    "requests": 10_000,
    "prompt_tokens": 1800,
    "cache_read_tokens": 1500,
    "completion_tokens": 400,
}


def options(asked: Mapping[str, str | int]) -> tuple[str, ...]:
    """Parameters as a command takes them."""
    return tuple(word for name, value in asked.items() for word in (f"--{name.replace('_', '-')}", str(value)))


def _cost(
    words: str,
    asked: tuple[Mapping[str, str], Mapping[str, int], Mapping[str, str]],
    picked: Picked,
    proof: proofs.Proof,
    note: str,
) -> Question:
    """Priced at the models that a filter leaves; `asked` are filter, workload and all else."""
    filtered, workload, besides = asked
    body: dict[str, Json] = {"filter": filtered, "workload": workload, **besides}
    command = ("cost", *options(filtered), *options(workload), *options(besides))
    return Question(words, COST, {}, picked, proof, body=body, command=command, note=note)


def _models(words: str, asked: Mapping[str, str], picked: Picked, proof: proofs.Proof, note: str = "") -> Question:
    """Among the text and image models."""
    return Question(words, MODELS, asked, picked, proof, command=("list", *options(asked)), note=note)


def _changes(words: str, asked: Mapping[str, str], picked: Picked, proof: proofs.Proof, note: str = "") -> Question:
    """Among the changes."""
    return Question(words, CHANGES, asked, picked, proof, command=("changes", *options(asked)), note=note)


QUESTIONS: tuple[Question, ...] = (
    _models(
        "What is cheapest with tools and a context of 200,000 tokens?",
        {"supported_parameters": "tools", "context": "200000", "price_state": "paid", "sort": "price"},
        Picked(TEXT, ("id", "context_length", "pricing.prompt")),
        proofs.cheapest_with_tools,
        "`price_state=paid` leaves out what is free, what is decided per request and what is not stated.",
    ),
    _models(
        "Which models read images, call tools and keep to a schema, at most $0.50 in and $2 out per million tokens?",
        {
            "input_modalities": "image",
            "supported_parameters": "tools,structured_outputs",
            "max_price": "0.5",
            "max_output_price": "2",
            "sort": "output_price",
        },
        Picked(TEXT, ("id", "pricing.prompt", "pricing.completion")),
        proofs.seeing_and_structured,
        "Prices are asked for per million tokens and answered per token, as OpenRouter sends them. What is free is"
        " within every bound.",
    ),
    _cost(
        "Which models make a picture of 1290 tokens for two cents?",
        (_PICTURE, {"image_tokens_out": 1290}, {"budget": "0.02", "as_of": NEWEST}),
        Picked("quotes", ("id", "total"), Kept("affordable.requests", ">=", 1)),
        proofs.pictures_for_two_cents,
        "`max_output_price` would be no help: it is about the price of text, which is 0 for most of these. Pictures"
        " have a price of their own, `image_output`, and how many tokens one has differs by model and size.",
    ),
    _models(
        "What can I use for nothing, with tools?",
        {"price_state": "free", "supported_parameters": "tools", "sort": "-context"},
        Picked(TEXT, ("id", "context_length")),
        proofs.free_with_tools,
    ),
    _models(
        "Which prices are decided only when I call?",
        {"price_state": "dynamic"},
        Picked(TEXT, ("id", "pricing.prompt")),
        proofs.decided_per_request,
        "`-1` is not a price and never counted as one.",
    ),
    _models(
        "Which of OpenAI's models are not moderated, the newest first?",
        {"model_authors": "openai", "sort": "newest"},
        Picked(TEXT, ("id", "created"), Kept("topProvider.is_moderated", "==", value=False)),
        proofs.unmoderated_of_openai,
        "There is no filter for it; jq keeps the rows.",
    ),
    _models(
        "What did batch calls cost on 31 July?",
        {"variant": "batch", "as_of": "2026-07-31T12:00:00Z", "sort": "price"},
        Picked(TEXT, ("id", "pricing.prompt", "pricing.completion")),
        proofs.batch_prices,
        "A variant is what stands after the `:` of an id. The next day's list has none of these.",
    ),
    _models(
        "What is new since last month?",
        {"max_age_days": "30", "sort": "newest", "as_of": NEWEST},
        Picked(TEXT, ("id", "created")),
        proofs.new_since_last_month,
        "By `created`, OpenRouter's own date, in seconds since 1970. Without `as_of` ages are counted from now.",
    ),
    _changes(
        "What has gone since last month?",
        {"kind": "removed", "since": "2026-07-05", "limit": "1000"},
        Picked("changes", ("seen_at", "model")),
        proofs.gone_since_last_month,
        "`seen_at` is the first list without the model, `since_at` the last one with it.",
    ),
    _models(
        "What leaves within 30 days?",
        {"status": "expiring", "sort": "expires", "view": "full"},
        Picked(TEXT, ("id", "expiration_date"), Kept("expiration_date", "<=", "2026-09-04")),
        proofs.leaving_within_30_days,
        "The last day is in the full view. `llmanac upcoming` counts the days from today.",
    ),
    Question(
        "My model is gone. What replaced it?",
        f"{MODELS}/qwen/qwen3-coder:free",
        {},
        Picked("", ("last_seen_at", "removed_at", "announced", "successors[0].id")),
        proofs.what_replaced,
        command=("show", "qwen/qwen3-coder:free"),
        command_at="removed",
        note="The status is 410. OpenRouter names no successors: llmanac proposes some, each with its reason, here"
        " `The same model without :free`. The proof knows only this one way.",
    ),
    _changes(
        "Which prices rose by 10 % or more in the last week?",
        {
            "kind": "price",
            "field": "pricing.prompt,pricing.completion",
            "since": "2026-07-29T03:19:28Z",
            "min_percent": "10",
            "cause": "real,flap",
            "limit": "1000",
        },
        Picked("changes", ("seen_at", "model", "field", "before", "after", "percent"), Kept("percent", ">=", "0")),
        proofs.dearer_by_a_tenth,
        "`cause=real,flap` counts every rise, also one that was taken back within ten days; without it only"
        " [what lasts](../concepts/causes.md#flap). Falls begin with `-`, which is before `0`.",
    ),
    _models(
        "Who takes a million tokens or more, the longest context first?",
        {"context": "1000000", "sort": "context-high-to-low"},
        Picked(TEXT, ("id", "context_length")),
        proofs.million_tokens,
    ),
    Question(
        "Which embeddings are cheapest?",
        "/api/v1/models",
        {"output_modalities": "embeddings", "price_state": "paid", "sort": "pricing-low-to-high"},
        Picked("data", ("id", "pricing.prompt", "context_length")),
        proofs.cheapest_embeddings,
        note="`/api/ai/models` lists text and images; OpenRouter's own route, here with a filter that it does not"
        " know, has every modality.",
    ),
    _models(
        "How many models has each author?",
        {"facets": "author"},
        Picked("facets.author", ("value", "count")),
        proofs.models_of_each_author,
        "Variants and aliases count, each by itself.",
    ),
    _models(
        "I do not know how to spell it: cluade sonet?",
        {"q": "cluade sonet", "sort": "id"},
        Picked(TEXT, ("id",)),
        proofs.sonnets,
        "Without `sort` the best match comes first.",
    ),
    _models(
        "What do the aliases stand for today?",
        {"q": "latest", "view": "full", "sort": "id"},
        Picked(TEXT, ("id", "alias_target.slug"), Kept("llmanac.alias", "==", value=True)),
        proofs.what_aliases_stand_for,
        "The models that they point to are found too, by their aliases; jq keeps the aliases.",
    ),
    _cost(
        "What do 10,000 requests cost at each model that sees and calls tools, for at most $3 per million in?",
        (_SEES, _CHAT, {"as_of": NEWEST}),
        Picked("quotes", ("id", "total")),
        proofs.workload_ranked,
        "1800 tokens in, 1500 of them from the cache, 400 out. Cheapest first."
        " Where no price of cached tokens is stated they cost what others cost, and the quote says so in"
        " `assumed`.",
    ),
    _models(
        "Which reasoning model with structured outputs gives the longest answers?",
        {"supported_parameters": "reasoning,structured_outputs", "sort": "-max_completion_tokens"},
        Picked(TEXT, ("id", "max_completion_tokens")),
        proofs.longest_answers,
        "Where no limit is stated there may be one; such models come last, whichever way they are sorted.",
    ),
    _models(
        "What did these two cost on 24 July?",
        {"ids": "moonshotai/kimi-k2.6,z-ai/glm-5.2", "as_of": "2026-07-24T12:00:00Z"},
        Picked(TEXT, ("id", "pricing.prompt", "pricing.completion")),
        proofs.price_on_a_day,
        "This is the list of 20 July, the last one before; the header `X-Catalogue-Serial` says which one it was.",
    ),
)
