"""Text → the words that are searched: without regard to capitals, accents, width and punctuation."""

import re
import unicodedata

# A dot between digits belongs to the word: 3.5 is one version, not a 3 and a 5.
_WORD = re.compile(r"[^\W_]+(?:(?<=\d)\.(?=\d)[^\W_]+)*")


def fold(text: str) -> str:
    """The text in one spelling: compatible characters, capitals and accents made alike (Unicode NFKC, casefold)."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", "".join(letter for letter in folded if not unicodedata.combining(letter)))


def search_words(text: str) -> list[str]:
    """The words of a text in their order: runs of letters and digits, and versions such as `3.5`."""
    return _WORD.findall(fold(text))
