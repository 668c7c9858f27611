"""The answers once more: plain Python over the raw lists, importing nothing of llmanac. The page shows each."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from scripts.twenty_questions.lists import Lists, Raw

Rows = list[list[object]]
Proof = Callable[[Lists], Rows]
"""Gives all rows of the answer, in order."""


def newest(lists: Lists) -> Sequence[Raw]:
    """The models of the last list."""
    return [*lists.values()][-1]


def giving(output: str, models: Sequence[Raw]) -> list[Raw]:
    """Those that give text, or images, or …."""
    return [model for model in models if output in model["architecture"]["output_modalities"]]


def price(model: Raw, rate: str) -> Decimal:
    """Per unit; every record of these lists states `prompt` and `completion`, -1 where they are decided per request."""
    return Decimal(model["pricing"][rate])


def plain(amount: Decimal) -> str:
    """Without exponent or trailing zeros."""
    return f"{amount.normalize():f}"


def cheapest_with_tools(lists: Lists) -> Rows:
    """Tools, a context of 200,000 tokens, no dynamic price and not free for both; by the price of input, then by id."""
    found = [
        model
        for model in giving("text", newest(lists))
        if "tools" in model["supported_parameters"] and model["context_length"] >= 200_000
        if min(price(model, "prompt"), price(model, "completion")) >= 0
        if max(price(model, "prompt"), price(model, "completion")) > 0
    ]
    found.sort(key=lambda model: (price(model, "prompt"), model["id"]))
    return [[model["id"], model["context_length"], model["pricing"]["prompt"]] for model in found]


def seeing_and_structured(lists: Lists) -> Rows:
    """Images in, tools and structured outputs, $0.0000005 a token in and $0.000002 out at most; by output."""
    found = [
        model
        for model in giving("text", newest(lists))
        if "image" in model["architecture"]["input_modalities"]
        if {"tools", "structured_outputs"} <= set(model["supported_parameters"])
        if 0 <= price(model, "prompt") <= Decimal("0.0000005")
        and 0 <= price(model, "completion") <= Decimal("0.000002")
    ]
    found.sort(key=lambda model: (price(model, "completion"), model["id"]))
    return [[model["id"], model["pricing"]["prompt"], model["pricing"]["completion"]] for model in found]


def pictures_for_two_cents(lists: Lists) -> Rows:
    """1290 tokens of picture at the stated price of such a token."""
    made = giving("image", newest(lists))
    costs = [(1290 * price(model, "image_output"), model["id"]) for model in made if "image_output" in model["pricing"]]
    return [[model, plain(cost)] for cost, model in sorted(costs) if cost <= Decimal("0.02")]


def free_with_tools(lists: Lists) -> Rows:
    """Zero for input and for output, not merely not stated; the longest context first, then by id."""
    found = [
        model
        for model in giving("text", newest(lists))
        if "tools" in model["supported_parameters"] and price(model, "prompt") == price(model, "completion") == 0
    ]
    found.sort(key=lambda model: (-model["context_length"], model["id"]))
    return [[model["id"], model["context_length"]] for model in found]


def decided_per_request(lists: Lists) -> Rows:
    """A price of -1, in the order of the list."""
    found = [model for model in giving("text", newest(lists)) if "-1" in model["pricing"].values()]
    return [[model["id"], model["pricing"]["prompt"]] for model in found]


def unmoderated_of_openai(lists: Lists) -> Rows:
    """OpenAI's own, without moderation before them; the newest first, then by id."""
    found = [
        model
        for model in giving("text", newest(lists))
        if model["id"].removeprefix("~").startswith("openai/") and model["top_provider"]["is_moderated"] is False
    ]
    found.sort(key=lambda model: (-model["created"], model["id"]))
    return [[model["id"], model["created"]] for model in found]


def batch_prices(lists: Lists) -> Rows:
    """The list of 31 July: ids that end with :batch, by the price of input, then by id."""
    listed = giving("text", lists["2026-07-31T03:35:21Z"])
    found = sorted(
        (model for model in listed if model["id"].endswith(":batch")),
        key=lambda model: (price(model, "prompt"), model["id"]),
    )
    return [[model["id"], model["pricing"]["prompt"], model["pricing"]["completion"]] for model in found]


def new_since_last_month(lists: Lists) -> Rows:
    """Created less than 31 whole days before the list was taken; the newest first, then by id."""
    taken = int(datetime.fromisoformat("2026-08-05T03:15:28Z").timestamp())
    found = [model for model in giving("text", newest(lists)) if (taken - model["created"]) // 86400 <= 30]
    found.sort(key=lambda model: (-model["created"], model["id"]))
    return [[model["id"], model["created"]] for model in found]


def gone_since_last_month(lists: Lists) -> Rows:
    """In one list and not in the next, whatever it gives."""
    gone: Rows = []
    for (_, before), (seen_at, after) in pairwise(lists.items()):
        left = {model["id"] for model in before} - {model["id"] for model in after}
        gone += [[seen_at, name] for name in sorted(left) if seen_at > "2026-07-05"]
    return gone


def leaving_within_30_days(lists: Lists) -> Rows:
    """A last day until 4 September; the soonest first, then by id."""
    days = [(model["expiration_date"], model["id"]) for model in giving("text", newest(lists))]
    return [[name, day] for day, name in sorted((day, name) for day, name in days if day and day <= "2026-09-04")]


def what_replaced(lists: Lists) -> Rows:
    """The last list with it, the first without, the last day it had announced, and whether its plain name is listed."""
    name, plain_name = "qwen/qwen3-coder:free", "qwen/qwen3-coder"
    records = {at: model for at, models in lists.items() for model in models if model["id"] == name}
    last_seen_at = max(records)
    removed_at = min(at for at in lists if at > last_seen_at)
    successor = [model["id"] for model in newest(lists) if model["id"] == plain_name]
    return [[last_seen_at, removed_at, records[last_seen_at]["expiration_date"], *successor]]


def dearer_by_a_tenth(lists: Lists) -> Rows:
    """Each step from one list to the next in the last week in which a price rose by 10 % or more; no aliases."""
    rows: Rows = []
    for (_, before), (seen_at, after) in pairwise(lists.items()):
        earlier = {model["id"]: model for model in before if not model["id"].startswith("~")}
        for now in sorted(after, key=lambda model: model["id"]):
            was = earlier.get(now["id"], now)
            for rate in ("completion", "prompt"):
                old, new = price(was, rate), price(now, rate)
                if seen_at > "2026-07-29T03:19:28Z" and old > 0 and new >= old * Decimal("1.1"):
                    percent = f"{(new - old) / old * 100:.2f}"
                    rows.append(
                        [seen_at, now["id"], f"pricing.{rate}", was["pricing"][rate], now["pricing"][rate], percent]
                    )
    return rows


def million_tokens(lists: Lists) -> Rows:
    """A million tokens or more; the longest first, then by id."""
    found = sorted(giving("text", newest(lists)), key=lambda model: (-model["context_length"], model["id"]))
    return [[model["id"], model["context_length"]] for model in found if model["context_length"] >= 1_000_000]


def cheapest_embeddings(lists: Lists) -> Rows:
    """What is not free, by the mean of both prices, then by id."""
    found = [model for model in giving("embeddings", newest(lists)) if price(model, "prompt") > 0]
    found.sort(key=lambda model: (price(model, "prompt") + price(model, "completion"), model["id"]))
    return [[model["id"], model["pricing"]["prompt"], model["context_length"]] for model in found]


def models_of_each_author(lists: Lists) -> Rows:
    """What stands before the slash, of models that give text or images; the most first, then by name."""
    shown = [model for model in newest(lists) if {"text", "image"} & set(model["architecture"]["output_modalities"])]
    counts = Counter(model["id"].removeprefix("~").partition("/")[0] for model in shown)
    return [[author, count] for author, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]


def sonnets(lists: Lists) -> Rows:
    """Ids with both words, spelt rightly."""
    ids = sorted(model["id"] for model in giving("text", newest(lists)))
    return [[name] for name in ids if "claude" in name and "sonnet" in name]


def what_aliases_stand_for(lists: Lists) -> Rows:
    """Ids that begin with ~ and what the record says they point to."""
    found = [model for model in giving("text", newest(lists)) if model["id"].startswith("~")]
    return sorted([model["id"], model["alias_target"]["slug"]] for model in found)


def workload_ranked(lists: Lists) -> Rows:
    """Per request 300 tokens in, 1500 from the cache (as dear as input where no price is stated) and 400 out."""
    costs: list[tuple[Decimal, str]] = []
    for model in newest(lists):
        sees = "image" in model["architecture"]["input_modalities"]
        if sees and "tools" in model["supported_parameters"] and 0 < price(model, "prompt") <= Decimal("0.000003"):
            cached = Decimal(model["pricing"].get("input_cache_read", model["pricing"]["prompt"]))
            each = 300 * price(model, "prompt") + 1500 * cached + 400 * price(model, "completion")
            costs.append((10_000 * each, model["id"]))
    return [[model, plain(cost)] for cost, model in sorted(costs)]


def longest_answers(lists: Lists) -> Rows:
    """Models that reason and keep to a schema, by the longest answer, then by id; where none is stated, last."""
    found = [
        model
        for model in giving("text", newest(lists))
        if {"reasoning", "structured_outputs"} <= set(model["supported_parameters"])
    ]
    limits = [(model["top_provider"]["max_completion_tokens"], model["id"]) for model in found]
    return [[name, limit] for limit, name in sorted(limits, key=lambda each: (-(each[0] or 0), each[1]))]


def price_on_a_day(lists: Lists) -> Rows:
    """What the last list before 25 July says."""
    at = max(at for at in lists if at < "2026-07-25")
    found = [model for model in lists[at] if model["id"] in {"moonshotai/kimi-k2.6", "z-ai/glm-5.2"}]
    return [[model["id"], model["pricing"]["prompt"], model["pricing"]["completion"]] for model in found]
