"""Where goods go, written in one way, so that the same place is found again."""

import unicodedata

# With less than this left, half a town would be one place.
LEAST_LEFT = 5
# In place of what a platform does not show.
HIDDEN = "*"
CHINA = "86"
_LEFT = frozenset("LMN")


def normalised(text: str) -> str | None:
    """Letters and digits alone, in small letters and plain forms (NFKC); None of what names no
    place: a text with a part hidden, which many have in common, or with next to nothing left."""
    if HIDDEN in unicodedata.normalize("NFKC", text):
        return None
    # Signs first: what is a sign by itself would become an accent of the letter before it.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _kept(text)).casefold())
    left = unicodedata.normalize("NFKC", _kept(folded))
    return left if len(left) >= LEAST_LEFT else None


def normalised_phone(text: str) -> str | None:
    """The same of a number; a Chinese one without the country's code."""
    left = normalised(text)
    if left is None:
        return None
    number = left.removeprefix("00")
    china = number.startswith(CHINA) and len(number) == len(CHINA) + 11
    return number.removeprefix(CHINA) if china else left


def _kept(text: str) -> str:
    return "".join(one for one in text if unicodedata.category(one)[0] in _LEFT)
