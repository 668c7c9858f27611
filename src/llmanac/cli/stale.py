"""Says that a list is old, in the same words wherever that matters."""

from datetime import timedelta

from llmanac.cli.output import say

FRESH = timedelta(days=2)
"""A list that is younger is told nothing of."""


def say_if_old(age: timedelta, unknown: str) -> None:
    """One line on stderr for a list that upstream was last seen to agree with so long ago.

    Args:
        unknown: What its age leaves unknown, without a full stop.
    """
    if age >= FRESH:
        say(f"The list is {age.days} days old: {unknown}.")
