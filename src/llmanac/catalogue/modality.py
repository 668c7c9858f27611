"""Modalities: what a model takes and gives."""

TEXT = "text"
IMAGE = "image"

_MULTIMODAL = ("text", "image")


def derive_modalities(modality: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Input and output modalities of a record that has no lists of them, from its `architecture.modality`.

    `"text+image->text"` gives (text, image) and (text). Lists came in April 2025, `modality` in February 2024
    (then also plain `"text"` and `"multimodal"`: text and image in, text out). Older records state nothing; at that
    time the list held only models that read and write text.
    """
    if modality is None:
        return (TEXT,), (TEXT,)
    taken, arrow, given = modality.partition("->")
    if arrow:
        return _split(taken), _split(given)
    return (_MULTIMODAL if modality == "multimodal" else _split(modality)), (TEXT,)


def _split(side: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in side.split("+") if part.strip())
