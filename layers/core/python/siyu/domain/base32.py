"""Crockford base 32: no I, L, O, U; the decoder forgives case and the usual misreadings."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_VALUES |= {char.lower(): value for char, value in _VALUES.items()}
_VALUES |= {"O": 0, "o": 0, "I": 1, "i": 1, "L": 1, "l": 1}


def encode(number: int, length: int) -> str:
    """`number` in exactly `length` characters. Raises ValueError when it does not fit."""
    if number < 0 or number >> (5 * length):
        raise ValueError(f"{number} does not fit in {length} base-32 characters")
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in reversed(range(length)))


def decode(text: str) -> int:
    """The number behind `text`. Raises ValueError on a character outside the alphabet."""
    number = 0
    for char in text:
        value = _VALUES.get(char)
        if value is None:
            raise ValueError("not base 32")
        number = number << 5 | value
    return number
