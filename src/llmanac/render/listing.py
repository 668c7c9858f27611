"""The shape of `GET /api/ai/models`: contract section 1, member for member."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import msgspec

from llmanac.catalogue.catalogue import Catalogue
from llmanac.catalogue.expiry import status_of
from llmanac.catalogue.ids import author_of, is_alias, variant_of
from llmanac.catalogue.model import Model
from llmanac.catalogue.pricing import LISTED_RATES
from llmanac.catalogue.record import members

_Price = Annotated[str | None, msgspec.Meta(description="USD per unit, upstream's own decimal text. Null: not stated.")]
_RawObject = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "object"})]


class View(StrEnum):
    """How much of a model is shown."""

    LISTED = "listed"
    FULL = "full"


class ListedArchitecture(msgspec.Struct, frozen=True):
    """What goes in and out."""

    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    tokenizer: str | None
    instruct_type: str | None


class ListedTopProvider(msgspec.Struct, frozen=True):
    """Limits of the provider upstream would choose first, in tokens."""

    is_moderated: bool | None
    context_length: int | None
    max_completion_tokens: int | None


class ListedPricing(msgspec.Struct, frozen=True):
    """Zero is `"0"`, decided per request is `"-1"`, not stated is null: three different things."""

    prompt: _Price
    completion: _Price
    image: _Price
    request: _Price
    web_search: _Price
    internal_reasoning: _Price
    input_cache_read: _Price
    input_cache_write: _Price


class ListedModel(msgspec.Struct, frozen=True):
    """One model. Every member is always there; null means that upstream does not state it."""

    id: str
    name: str | None
    created: Annotated[int | None, msgspec.Meta(description="Seconds since 1970.")]
    description: str
    architecture: ListedArchitecture
    topProvider: ListedTopProvider  # noqa: N815  the contract's spelling
    pricing: ListedPricing
    context_length: Annotated[int | None, msgspec.Meta(description="Tokens, prompt and completion together.")]
    max_completion_tokens: int | None
    per_request_limits: _RawObject
    supported_parameters: tuple[str, ...]


class ListedGroup(msgspec.Struct, frozen=True):
    """The models of one provider, in its own order."""

    provider: str
    configured: Annotated[bool, msgspec.Meta(description="Whether this server holds a credential for the provider.")]
    models: tuple[ListedModel, ...]


class Listing(msgspec.Struct, frozen=True):
    """Every model with text output and every model with image output; one with both is in both."""

    text: tuple[ListedGroup, ...]
    image: tuple[ListedGroup, ...]


def listed(model: Model) -> ListedModel:
    """A model in the contract's shape."""
    texts = [None if (price := model.pricing.rate(name)) is None else price.text for name in LISTED_RATES]
    shape = model.architecture
    top = model.top_provider
    return ListedModel(
        id=model.id,
        name=model.name,
        created=model.created,
        description=model.description,
        architecture=ListedArchitecture(
            shape.input_modalities, shape.output_modalities, shape.tokenizer, shape.instruct_type
        ),
        topProvider=ListedTopProvider(top.is_moderated, top.context_length, top.max_completion_tokens),
        pricing=ListedPricing(*texts),
        context_length=model.context_length,
        max_completion_tokens=top.max_completion_tokens,
        per_request_limits=msgspec.Raw(model.per_request_limits or b"{}"),
        supported_parameters=model.supported_parameters,
    )


def render_listing(catalogue: Catalogue, *, configured: bool, hide_unconfigured: bool, view: View) -> bytes:
    """The whole answer as JSON. Depends on nothing but its arguments; O(models)."""
    show = configured or not hide_unconfigured
    render = _render_full if view is View.FULL else _render_listed
    fragments = {model.id: render(model) for model in catalogue.snapshot.models} if show else {}

    def group(models: Iterable[Model]) -> bytes:
        head = msgspec.json.encode({"provider": catalogue.snapshot.source, "configured": configured})
        shown = b",".join(fragments[model.id] for model in models) if show else b""
        return b"[" + head[:-1] + b',"models":[' + shown + b"]}]"

    return b'{"text":' + group(catalogue.text) + b',"image":' + group(catalogue.image) + b"}"


def _render_listed(model: Model) -> bytes:
    return msgspec.json.encode(listed(model))


_OURS = "llmanac"
_SHOWN = frozenset(ListedModel.__struct_fields__)


def _render_full(model: Model) -> bytes:
    """The contract's members, then upstream's others under their own names, then our conclusions."""
    full: dict[str, object] = {name: getattr(listed(model), name) for name in ListedModel.__struct_fields__}
    sent = members(model.record)
    for ours, theirs in (("architecture", "architecture"), ("topProvider", "top_provider"), ("pricing", "pricing")):
        full[ours] = _with_rest(full[ours], sent.get(theirs, b"null"))
    for name, raw in sent.items():
        if name not in _SHOWN and name != "top_provider":
            full[name] = msgspec.Raw(raw)
    full[_OURS] = Conclusions(
        author=author_of(model.id),
        variant=variant_of(model.id),
        alias=is_alias(model.id),
        price_state=model.pricing.state.value,
        status=status_of(model.record).value,
    )
    return msgspec.json.encode(full)


class Conclusions(msgspec.Struct, frozen=True):
    """What llmanac concludes from a record (`view=full`, member `llmanac`)."""

    author: str
    variant: str | None
    alias: bool
    price_state: str
    """Of prompt and completion together: known, zero, dynamic or unknown."""
    status: str
    """`expiring` once a last day is announced, else `active`."""


def _with_rest(shown: object, sent: bytes) -> object:
    """A contract object with the members upstream sent beyond it."""
    if sent[:1] != b"{":
        return shown
    contract = msgspec.to_builtins(shown)
    return contract | {name: msgspec.Raw(raw) for name, raw in members(sent).items() if name not in contract}
