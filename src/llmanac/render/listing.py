"""The shapes of `GET /api/ai/models`, and a model in them: contract section 1, member for member."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import Annotated, TypeVar

import msgspec

from llmanac.catalogue.ids import ModelId, author_of, is_alias, variant_of
from llmanac.catalogue.model import Model
from llmanac.catalogue.pricing import LISTED_RATES
from llmanac.catalogue.record import VOLATILE_MEMBERS, members
from llmanac.query.row import REMOVED

_RawObject = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "object"})]
_Unset = msgspec.UnsetType
_Value = TypeVar("_Value")


class View(StrEnum):
    """How much of a model is shown."""

    LISTED = "listed"
    FULL = "full"


class ListedArchitecture(msgspec.Struct, frozen=True, gc=False):
    """What goes in and out."""

    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    tokenizer: str | _Unset = msgspec.UNSET
    instruct_type: str | _Unset = msgspec.UNSET


class ListedTopProvider(msgspec.Struct, frozen=True, gc=False):
    """Limits of the provider upstream would choose first, in tokens."""

    is_moderated: bool | _Unset = msgspec.UNSET
    context_length: int | _Unset = msgspec.UNSET
    max_completion_tokens: int | _Unset = msgspec.UNSET


class ListedPricing(msgspec.Struct, frozen=True, gc=False):
    """USD per unit, upstream's own text. Zero is `"0"`, decided per request is `"-1"`, not stated is left out."""

    prompt: str | _Unset = msgspec.UNSET
    completion: str | _Unset = msgspec.UNSET
    image: str | _Unset = msgspec.UNSET
    request: str | _Unset = msgspec.UNSET
    web_search: str | _Unset = msgspec.UNSET
    internal_reasoning: str | _Unset = msgspec.UNSET
    input_cache_read: str | _Unset = msgspec.UNSET
    input_cache_write: str | _Unset = msgspec.UNSET


class ListedModel(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One model. A member that upstream does not state is left out; none is ever null."""

    id: str
    name: str | _Unset = msgspec.UNSET
    created: Annotated[int | _Unset, msgspec.Meta(description="Seconds since 1970.")] = msgspec.UNSET
    description: str
    architecture: ListedArchitecture
    topProvider: ListedTopProvider  # noqa: N815  the contract's spelling
    pricing: ListedPricing
    context_length: Annotated[int | _Unset, msgspec.Meta(description="Tokens, prompt and completion together.")] = (
        msgspec.UNSET
    )
    max_completion_tokens: int | _Unset = msgspec.UNSET
    per_request_limits: _RawObject
    supported_parameters: tuple[str, ...]


_Configured = Annotated[bool, msgspec.Meta(description="Whether this server holds a credential for the provider.")]


class ListedGroup(msgspec.Struct, frozen=True):
    """The models of one provider, in its own order."""

    provider: str
    configured: _Configured
    models: tuple[ListedModel, ...]


class FacetCount(msgspec.Struct, frozen=True):
    """A value, and how many of the models that the question has have it."""

    value: str
    count: int


_Facets = Annotated[
    dict[str, tuple[FacetCount, ...]] | msgspec.UnsetType,
    msgspec.Meta(description="Only when `facets` asks for it: by facet, the most frequent value first."),
]


class Listing(msgspec.Struct, frozen=True):
    """Every model with text output and every model with image output; one with both is in both."""

    text: tuple[ListedGroup, ...]
    image: tuple[ListedGroup, ...]
    facets: _Facets = msgspec.UNSET


class FullArchitecture(msgspec.Struct, frozen=True):
    """What goes in and out, and whatever else upstream sent."""

    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    tokenizer: str | None
    instruct_type: str | None


class FullTopProvider(msgspec.Struct, frozen=True):
    """Limits in tokens, and whatever else upstream sent."""

    is_moderated: bool | None
    context_length: int | None
    max_completion_tokens: int | None


class FullPricing(msgspec.Struct, frozen=True):
    """As in ListedPricing, but null where not stated; other rates are there when upstream states them."""

    prompt: str | None
    completion: str | None
    image: str | None
    request: str | None
    web_search: str | None
    internal_reasoning: str | None
    input_cache_read: str | None
    input_cache_write: str | None


class Conclusions(msgspec.Struct, frozen=True):
    """What llmanac concludes from a record (`view=full`, member `llmanac`)."""

    author: str
    variant: str | None
    alias: bool
    price_state: Annotated[
        str, msgspec.Meta(description="Of prompt and completion together: known, zero, dynamic or unknown.")
    ]
    status: Annotated[
        str,
        msgspec.Meta(
            description="`expiring` once a last day is announced, else `active`; `removed` when it is no longer listed."
        ),
    ]


class FullModel(msgspec.Struct, frozen=True):
    """One model with every member, null where upstream states none, and whatever else upstream sent, as it sent it."""

    id: str
    name: str | None
    created: int | None
    description: str
    architecture: FullArchitecture
    topProvider: FullTopProvider  # noqa: N815  the contract's spelling
    pricing: FullPricing
    context_length: int | None
    max_completion_tokens: int | None
    per_request_limits: _RawObject
    supported_parameters: tuple[str, ...]
    llmanac: Conclusions


class FullGroup(msgspec.Struct, frozen=True):
    """The models of one provider, in its own order."""

    provider: str
    configured: _Configured
    models: tuple[FullModel, ...]


class FullListing(msgspec.Struct, frozen=True):
    """A Listing whose question has `view=full`."""

    text: tuple[FullGroup, ...]
    image: tuple[FullGroup, ...]
    facets: _Facets = msgspec.UNSET


class PickedGroup(msgspec.Struct, frozen=True):
    """The models of one provider, with some of their members only."""

    provider: str
    configured: _Configured
    models: Annotated[
        tuple[_RawObject, ...], msgspec.Meta(description="Of each the members that `fields` names and it has.")
    ]


class PickedListing(msgspec.Struct, frozen=True):
    """A Listing whose question names `fields`."""

    text: tuple[PickedGroup, ...]
    image: tuple[PickedGroup, ...]
    facets: _Facets = msgspec.UNSET


def listed(model: Model) -> ListedModel:
    """A model in the contract's shape."""
    rates = model.pricing.rates
    texts = [msgspec.UNSET if (price := rates.get(name)) is None else price.text for name in LISTED_RATES]
    shape = model.architecture
    top = model.top_provider
    longest = _stated(top.max_completion_tokens)
    return ListedModel(
        id=model.id,
        name=_stated(model.name),
        created=_stated(model.created),
        description=model.description,
        architecture=ListedArchitecture(
            shape.input_modalities, shape.output_modalities, _stated(shape.tokenizer), _stated(shape.instruct_type)
        ),
        topProvider=ListedTopProvider(_stated(top.is_moderated), _stated(top.context_length), longest),
        pricing=ListedPricing(*texts),
        context_length=_stated(model.context_length),
        max_completion_tokens=longest,
        per_request_limits=msgspec.Raw(model.per_request_limits or b"{}"),
        supported_parameters=model.supported_parameters,
    )


def _stated(value: _Value | None) -> _Value | _Unset:
    return msgspec.UNSET if value is None else value


class Removal(msgspec.Struct, frozen=True):
    """What is known of a model's leaving: members of `llmanac` after the conclusions, in `status=removed`."""

    removed_at: datetime
    """The first fetch without it."""
    last_seen_at: datetime | None
    """The newest fetch with it."""
    certainty: str
    """`suspected` or `confirmed`."""
    announced: date | None
    """The last day that its last record announced."""


NO_VALUES: Mapping[str, bytes] = MappingProxyType({})

_OURS = "llmanac"
_SHOWN = frozenset(ListedModel.__struct_fields__)
_GAP = b"\0"
"""Stands where a volatile value will; no JSON holds this byte."""


class Shown(msgspec.Struct, frozen=True, gc=False):
    """A model in one view as JSON, open where volatile values stand: kept once, it fits into every list that has it."""

    id: ModelId
    status: str
    gives_text: bool
    gives_images: bool
    parts: tuple[bytes, ...]
    gaps: tuple[tuple[str, bytes], ...]
    """Between the parts: a volatile member's name, and its value in the record."""

    @property
    def size(self) -> int:
        """Bytes it takes in memory, about."""
        return 200 + sum(map(len, self.parts))

    def whole(self, volatile: Mapping[str, bytes] = NO_VALUES) -> bytes:
        """The model's JSON, with these values of volatile members instead of the record's."""
        if not self.gaps:
            return self.parts[0]
        values = [volatile.get(name, own) for name, own in self.gaps]
        return b"".join(chain.from_iterable(zip(self.parts, (*values, b""), strict=True)))


def show(model: Model, view: View, removal: Removal | None = None) -> Shown:
    """A model as lists show it.

    Args:
        removal: Of a model that is no longer listed.
    """
    status = model.status.value if removal is None else REMOVED
    if view is View.FULL:
        parts, gaps = _full(model, status, removal)
    else:
        parts, gaps = (msgspec.json.encode(listed(model)),), ()
    return Shown(model.id, status, model.gives_text, model.gives_images, parts, gaps)


def _full(
    model: Model, status: str, removal: Removal | None
) -> tuple[tuple[bytes, ...], tuple[tuple[str, bytes], ...]]:
    """The contract's members, then upstream's others under their own names, then our conclusions."""
    shown = listed(model)
    full = _with_nulls(shown)
    sent = members(model.record)
    for ours, theirs in (("architecture", "architecture"), ("topProvider", "top_provider"), ("pricing", "pricing")):
        full[ours] = _with_rest(_with_nulls(getattr(shown, ours)), sent.get(theirs, b"null"))
    gaps: list[tuple[str, bytes]] = []
    for name, raw in sent.items():
        if name in VOLATILE_MEMBERS:
            gaps.append((name, raw))
            full[name] = msgspec.Raw(_GAP)
        elif name not in _SHOWN and name != "top_provider":
            full[name] = msgspec.Raw(raw)
    full[_OURS] = _conclusions(model, status, removal)
    return tuple(msgspec.json.encode(full).split(_GAP)), tuple(gaps)


def _conclusions(model: Model, status: str, removal: Removal | None) -> object:
    ours = Conclusions(
        author=author_of(model.id),
        variant=variant_of(model.id),
        alias=is_alias(model.id),
        price_state=model.pricing.state.value,
        status=status,
    )
    return ours if removal is None else msgspec.structs.asdict(ours) | msgspec.structs.asdict(removal)


def _with_nulls(shown: msgspec.Struct) -> dict[str, object]:
    """Every member of an object of the contract, None where none is stated."""
    values = ((name, getattr(shown, name)) for name in shown.__struct_fields__)
    return {name: None if value is msgspec.UNSET else value for name, value in values}


def _with_rest(contract: dict[str, object], sent: bytes) -> dict[str, object]:
    """A contract object with the members upstream sent beyond it."""
    if sent[:1] != b"{":
        return contract
    return contract | {name: msgspec.Raw(raw) for name, raw in members(sent).items() if name not in contract}
