"""Whether a model can do a workload at all: a price for what it cannot do is of no use in a ranking."""

from collections.abc import Iterator, Sequence

from llmanac.catalogue.modality import IMAGE, TEXT
from llmanac.catalogue.model import Model
from llmanac.cost.workload import Workload

AUDIO = "audio"


def unfit(model: Model, workload: Workload | Sequence[Workload]) -> str | None:
    """Why a model cannot do a workload, or every one of several; None where nothing stated speaks against it.

    A limit of 0 or that is not stated is none.
    """
    parts = (workload,) if isinstance(workload, Workload) else workload
    return next((reason for part in parts for reason in (*_kinds(model, part), *_sizes(model, part))), None)


def doubts(model: Model, parts: Sequence[Workload]) -> Iterator[str]:
    """What speaks against a price of several workloads at a model, as far as it is about sizes."""
    reasons = (reason for part in parts for reason in _sizes(model, part))
    yield from dict.fromkeys(f"{reason}: it would be refused" for reason in reasons)
    top = model.top_provider.context_length
    longest = max(map(_together, parts), default=0)
    if top and top < longest <= (model.context_length or longest):
        yield f"its top provider's context is {top} tokens, and a request has {longest}: others have their own prices"


def _completion(workload: Workload) -> int:
    return workload.completion_tokens + workload.image_tokens_out + workload.audio_tokens_out


def _together(workload: Workload) -> int:
    return workload.prompt_length + _completion(workload)


def _kinds(model: Model, workload: Workload) -> Iterator[str]:
    takes, gives = model.architecture.input_modalities, model.architecture.output_modalities
    needs = (
        (workload.prompt_tokens, takes, "takes", TEXT),
        (workload.images_in or workload.image_tokens_in, takes, "takes", IMAGE),
        (workload.audio_tokens_in, takes, "takes", AUDIO),
        (workload.completion_tokens, gives, "gives", TEXT),
        (workload.images_out or workload.image_tokens_out, gives, "gives", IMAGE),
        (workload.audio_tokens_out, gives, "gives", AUDIO),
    )
    for count, modalities, verb, modality in needs:
        if count and modalities and modality not in modalities:
            yield f"it {verb} no {modality}"


def _sizes(model: Model, workload: Workload) -> Iterator[str]:
    completion, together = _completion(workload), _together(workload)
    if model.context_length and together > model.context_length:
        yield f"its context is {model.context_length} tokens, and a request has {together}"
    most = model.top_provider.max_completion_tokens
    if most and completion > most:
        yield f"it gives at most {most} tokens, and a request asks for {completion}"
