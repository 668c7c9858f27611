"""A model that has left or will leave, and the list → what may stand in for it, with the reason.

Upstream names no successors. What is proposed, in this order: a listed model that a description points to; the same
model under another id; models of the same author and family that are newer and take and give at least what it did. The
family is what remains of a slug without versions, dates, sizes and stages: `claude-3.5-sonnet` and `claude-sonnet-4`
are both `claude sonnet`.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from fractions import Fraction

import msgspec

from llmanac.catalogue.ids import ModelId, is_alias
from llmanac.catalogue.model import Model
from llmanac.catalogue.record import members

MAX_SUCCESSORS = 5
MAX_SIZE_RATIO = 2
"""Models whose numbers of parameters differ by more than this factor do not stand in for each other."""

_DATE = re.compile(r"(?<![\d.])(?:\d{4}-\d\d-\d\d|\d\d-\d{4}|[01]\d-[0-3]\d)(?![\d.])", re.ASCII)
_SPLIT_VERSION = re.compile(r"(?<![\d.])(\d)-(\d)(?=-|$)", re.ASCII)
"""`claude-3-5-haiku` is version 3.5."""
_SIZE = re.compile(r"e?(?:(\d+)x)?(\d+(?:\.\d+)?)([mbt])", re.ASCII)
_UNSAID = re.compile(r"\d{3,}|\d+k|\d+e|a\d+(?:\.\d+)?b|fp\d+", re.ASCII)
"""Dates and revisions, context lengths, numbers of experts, active parameters, number formats."""
_RUN = re.compile(r"(?P<version>\d+(?:\.\d+)*)|[^\d.]+", re.ASCII)
_MARKED = re.compile(r"(v)[\d.]+|[\d.]+(o)", re.ASCII)
"""A number with the letter that only marks it as a version: `v3`, and `4o`, which OpenAI gave up after it."""
_STAGES = frozenset({"alpha", "beta", "exp", "experimental", "hf", "instruct", "it", "latest", "preview"})
_PER_BILLION = {"m": Fraction(1, 1000), "b": Fraction(1), "t": Fraction(1000)}

_THOUGHT = frozenset({"reasoning", "think", "thinking"})
_ABILITIES = _THOUGHT | {"chat", "multimodal", "omni", "v", "vision", "vl"}
"""Words for what a later model of the family may do without saying so in its name."""

_ID = re.compile(r"(?:openrouter\.ai/)?(?:models/)?([a-z0-9][\w.-]*/[\w.:-]*\w)", re.IGNORECASE | re.ASCII)
_POINTS_ON = re.compile(
    r"deprecated|in favou?r of|superseded by|replaced (?:by|with)|moved to|migrate to|switch to|redirects? to"
    r"|succeeded by|successor is|\buse\b.*\binstead\b(?! of)",
    re.IGNORECASE,
)
_SUCCEEDS = re.compile(r"successor (?:to|of)|supersedes|\breplaces\b", re.IGNORECASE)
_READ_CHARACTERS = 10_000
"""Of a description. Looking for ids in one long word takes the square of its length, and nobody points on so late."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


class Successor(msgspec.Struct, frozen=True):
    """A listed model, and in plain words why it is proposed."""

    model: ModelId
    reason: str


class Lineage(msgspec.Struct, frozen=True):
    """What a slug says of itself."""

    family: tuple[str, ...]
    """Its words in their order."""
    versions: tuple[str, ...]
    size: Fraction | None
    """Billions of parameters."""

    @property
    def number(self) -> Fraction | None:
        """The first version as a number, so that Grok 4.20 is before 4.3."""
        return Fraction(".".join(self.versions[0].split(".")[:2])) if self.versions else None


class _Candidate(msgspec.Struct, frozen=True):
    rank: tuple[Fraction | int, ...]
    model: Model
    reason: str


def successors(gone: Model, listed: Iterable[Model], *, seen_at: datetime | None = None) -> tuple[Successor, ...]:
    """At most five, the best first; of one model in several variants only the nearest. O(listed).

    Where a `created` is missing that would tell which is newer, the reason says so, and the model comes last.

    Args:
        gone: By its last record.
        listed: What to choose from; `gone` itself, aliases, and what leaves no later by announcement are passed over.
        seen_at: When `gone` was first listed. What was created later is newer, also where the `created` of `gone` is
            not stated (before September 2024).
    """
    named = _named(gone.description, _POINTS_ON)
    last_day = gone.expires_on
    found: list[_Candidate] = []
    for model in listed:
        if model.id == gone.id or is_alias(model.id) or _leaves_too(model, last_day):
            continue
        if model.id in named:
            found.append(_Candidate((0,), model, f"The description of {gone.id} names it as what to use instead"))
        elif gone.id in model.description and gone.id in _named(model.description, _SUCCEEDS):
            found.append(_Candidate((1,), model, f"Its own description calls it the successor of {gone.id}"))
        elif model.author == gone.author and (relative := _relative(gone, model, seen_at)):
            found.append(relative)
    nearest: dict[str, _Candidate] = {}
    for candidate in sorted(found, key=lambda each: (each.rank, -(each.model.created or 0), each.model.id)):
        nearest.setdefault(_base(candidate.model.id), candidate)
    return tuple(Successor(each.model.id, each.reason) for each in [*nearest.values()][:MAX_SUCCESSORS])


def _leaves_too(model: Model, last_day: date | None) -> bool:
    leaves = model.expires_on
    return leaves is not None and last_day is not None and leaves <= last_day


def lineage(model: ModelId) -> Lineage:
    """Family, version and size as the id tells them: `qwen/qwen3-30b-a3b-thinking-2507` is qwen thinking, 3, 30 B."""
    family: list[str] = []
    versions: list[str] = []
    size = None
    for word in _words(model):
        if sized := _SIZE.fullmatch(word):
            size = int(sized[1] or 1) * Fraction(sized[2]) * _PER_BILLION[sized[3]]
        elif not _UNSAID.fullmatch(word):
            marked = _MARKED.fullmatch(word)
            mark = (marked[1] or marked[2]) if marked else None
            for run in _RUN.finditer(word):
                if run["version"]:
                    versions.append(run["version"])
                elif run[0] not in _STAGES and run[0] != mark:
                    family.append(run[0])
    return Lineage(tuple(family), tuple(versions), size)


def _relative(gone: Model, model: Model, seen_at: datetime | None) -> _Candidate | None:
    """The model as a candidate, if it is the same one under another id or a newer one of the family."""
    if not _does_as_much(gone, model):
        return None
    # A plain id before `:batch` and other special offers.
    offer = 0 if model.variant == gone.variant else 1 if model.variant is None else 2
    leaves = model.expires_on is not None
    if _is_same(gone, model):
        return _Candidate(
            (2 + 2 * offer, leaves), model, "The same model " + (_offer_words(gone, model) or "under another id")
        )
    old, new = lineage(gone.id), lineage(model.id)
    ratio = _size_ratio(old, new)
    age = _age(gone, model, seen_at) if ratio <= MAX_SIZE_RATIO and _is_kin(old, new, model) else None
    # Other sizes of one version are its siblings.
    if age is None or (ratio > 1 and old.versions == new.versions):
        return None
    is_known, words = age
    goes_back = old.number is not None and new.number is not None and new.number < old.number
    if goes_back and not is_known:
        return None
    offered = _offer_words(gone, model)
    distance = (set(old.family) != set(new.family), goes_back, old.versions != new.versions, ratio)
    rank = (3 + 2 * offer if is_known else 9, leaves, *distance)
    return _Candidate(rank, model, f"{words} (family {' '.join(new.family)})" + (f", {offered}" if offered else ""))


def _is_same(gone: Model, model: Model) -> bool:
    """The same id but for the variant, one `canonical_slug`, or (before that came, June 2025) one date and one slug."""
    if _base(gone.id) == _base(model.id):
        return True
    slug = members(gone.record).get("canonical_slug", b"null")
    if slug != b"null" and slug == members(model.record).get("canonical_slug"):
        return True
    undated = [[word for word in _words(each.id) if not _UNSAID.fullmatch(word)] for each in (gone, model)]
    return gone.created is not None and gone.created == model.created and undated[0] == undated[1]


def _is_kin(old: Lineage, new: Lineage, model: Model) -> bool:
    """Whether both are of one family and not of an earlier generation: GPT-4.1 follows GPT-4.5, GPT-3.5 does not."""
    dropped = set(old.family) - set(new.family)
    if not new.family or set(new.family) - set(old.family) or dropped - _ABILITIES:
        return False
    if dropped & _THOUGHT and "reasoning" not in model.supported_parameters:
        return False
    return old.number is None or new.number is None or int(old.number) <= int(new.number)


def _size_ratio(one: Lineage, other: Lineage) -> Fraction:
    """How many times larger the larger one is; 1 where one size is not stated."""
    if not one.size or not other.size:
        return Fraction(1)
    return max(one.size, other.size) / min(one.size, other.size)


def _does_as_much(gone: Model, model: Model) -> bool:
    return set(gone.architecture.input_modalities) <= set(model.architecture.input_modalities) and set(
        gone.architecture.output_modalities
    ) <= set(model.architecture.output_modalities)


def _age(gone: Model, model: Model, seen_at: datetime | None) -> tuple[bool, str] | None:
    """Whether it is known that the model is newer, and the words for it; None when it is known that it is not."""
    if model.created is None:
        return False, f"Related, but no date of {model.id} is stated, so it may be older"
    if gone.created is not None:
        if model.created <= gone.created:
            return None
        return True, f"Newer: created {_day(model.created)}, after {_day(gone.created)}"
    if seen_at is not None and model.created > seen_at.timestamp():
        return True, f"Newer: created {_day(model.created)}, after {seen_at:%Y-%m-%d}, when {gone.id} was listed"
    return False, f"Related, but no date of {gone.id} is stated, so it may be older"


def _day(created: int) -> str:
    return f"{datetime.fromtimestamp(created, UTC):%Y-%m-%d}"


def _offer_words(gone: Model, model: Model) -> str:
    if model.variant == gone.variant:
        return ""
    return f"as :{model.variant}" if model.variant else f"without :{gone.variant}"


def _words(model: ModelId) -> list[str]:
    """The parts of a slug, without dates that have parts themselves."""
    slug = _base(model).rpartition("/")[2].lower()
    return re.split(r"[-_ ]+", _SPLIT_VERSION.sub(r"\1.\2", _DATE.sub("", slug)))


def _base(model: ModelId) -> str:
    """The id without its variant."""
    return model.partition(":")[0]


def _named(description: str, pointing: re.Pattern[str]) -> frozenset[str]:
    """The ids in those sentences of a description that point to another model."""
    return frozenset(
        name
        for sentence in _SENTENCE_END.split(description[:_READ_CHARACTERS])
        if pointing.search(sentence)
        for name in _ID.findall(sentence)
    )
