"""What can be counted."""

from enum import StrEnum


class Facet(StrEnum):
    """A value or values of every model, by whose words models are counted."""

    AUTHOR = "author"
    INPUT_MODALITY = "input_modality"
    OUTPUT_MODALITY = "output_modality"
    PARAMETER = "parameter"
    ARCH = "arch"
    VARIANT = "variant"
    PRICE_STATE = "price_state"
    STATUS = "status"


FACETS = tuple(facet.value for facet in Facet)

SINGLE_VALUED = frozenset({Facet.AUTHOR, Facet.ARCH, Facet.VARIANT, Facet.PRICE_STATE, Facet.STATUS})
"""Every model counts under one word of these, so their counts add up to the number of models."""

NONE = "none"
"""The word for models that have no value: no variant, no tokenizer stated, no modality, no parameter, no author."""
