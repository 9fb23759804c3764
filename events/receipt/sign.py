"""Signs a receipt offline, as a till does: docs/receipt-code.md says how and why.

Standard library only, Python 3.6 or newer. Copy this file or write it again in another language.
"""

import argparse
import datetime as dt
import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
EPOCH = dt.date(2000, 1, 1)


def base32(number: int, length: int) -> str:
    """Exactly `length` characters of 5 bits, the most significant first."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def token(store_key: bytes, store: str, day: dt.date, serial: int, version: int = 1) -> str:
    """The 30 characters of one receipt. Raises ValueError on what the server would not accept."""
    day_number = (day - EPOCH).days
    if len(store_key) != 32:
        raise ValueError("the key of a store has 32 bytes (64 hex digits)")
    if len(store) != 3 or not set(store) <= set(ALPHABET):
        raise ValueError("a store is 3 characters of " + ALPHABET)
    if not 0 < day_number < 1 << 15:
        raise ValueError("a day lies between 2000-01-02 and 2089-09-17")
    if not 0 <= serial < 1 << 35:
        raise ValueError("a serial lies between 0 and 34359738367")
    if not 0 <= version < 8:
        raise ValueError("a version lies between 0 and 7")
    head = base32(version, 1) + store + base32(day_number, 3) + base32(serial, 7)
    mac = hmac.new(store_key, b"siyu-code-v1|" + head.encode("ascii"), hashlib.sha256).digest()
    return head + base32(int.from_bytes(mac[:10], "big"), 16)


def date(text: str) -> dt.date:
    year, month, day = text.split("-")
    return dt.date(int(year), int(month), int(day))


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the code of one receipt.")
    parser.add_argument("--key", required=True, help="the store's key, 64 hex digits")
    parser.add_argument("--store", required=True, help="3 characters, such as A1B")
    parser.add_argument("--day", required=True, type=date, help="of printing, such as 2026-11-22")
    parser.add_argument("--serial", required=True, type=int, help="a number once per store and day")
    parser.add_argument("--version", default=1, type=int, help="of the key, 1 unless given")
    parser.add_argument("--link", default="", help="put before the token, such as https://HOST/r/")
    given = parser.parse_args()
    try:
        key = bytes.fromhex(given.key)
        print(given.link + token(key, given.store, given.day, given.serial, given.version))
    except ValueError as error:  # its text never holds the key
        parser.error(str(error))


if __name__ == "__main__":
    main()
