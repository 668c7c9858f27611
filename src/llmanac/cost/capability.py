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
    completion = workload.completion_tokens + workload.image_tokens_out + workload.audio_tokens_out
    together = workload.prompt_length + completion
    if model.context_length and together > model.context_length:
        yield f"its context is {model.context_length} tokens, and a request has {together}"
    most = model.top_provider.max_completion_tokens
    if most and completion > most:
        yield f"it gives at most {most} tokens, and a request asks for {completion}"
