"""What stays known of a referral when an erasure takes away what told it.

A referral is judged by marks, of a device and of an address, and by what WeChat calls who paid. An
erasure removes them; before that it notes with the referral what they told, by accounts, whose ids
are random, and by numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

Fact = tuple[str, str, str]
"""What it is about, the account of a referrer's that it is about, and which order or how many."""

DEVICE, PAID, BEFORE, GONE = "device", "paid", "before", "gone"
SENT = "sent"
"""In place of the account stands the number: of friends at the place where an order went."""
ANYBODY = ""
"""In place of an account: a device counts whoever brought its friends."""
NETWORK = "network"
"""In place of an account, which has 13 characters: so does an address, beside each referrer's."""
# How long friends of one device, or of one address, count together.
FAN_IN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is noted with a referral, in no order; of two numbers of one thing the larger holds."""

    facts: frozenset[Fact] = frozenset()

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> "Remembered":
        """As it is stored; an order's key may have any characters."""
        parts = (text.split("#", 2) for text in texts)
        return cls(frozenset((about, account, value) for about, account, value in parts))

    def to_texts(self) -> set[str]:
        return {"#".join(fact) for fact in self.facts}

    def shares_device(self, accounts: Iterable[str]) -> bool:
        """Whether one of these accounts came first from the friend's device."""
        return any(about == DEVICE and one in set(accounts) for about, one, _ in self.facts)

    def paid_by(self, accounts: Iterable[str], order_keys: Iterable[str]) -> bool:
        """Whether one of these accounts paid one of these orders of the friend's."""
        known = {(one, order) for about, one, order in self.facts if about == PAID}
        keys = set(order_keys)
        return any((one, key) in known for one in accounts for key in keys)

    def before(self, account: str, seen: int) -> int:
        """How many friends came before this one, by an account, if so many of them are seen."""
        return max(self._most(BEFORE, account), seen + self._most(GONE, account))

    def sent_with(self, order_keys: Iterable[str]) -> int:
        """How many friends had goods sent to where one of these orders went; 0 for none known."""
        keys = set(order_keys)
        numbers = (int(n) for about, n, key in self.facts if about == SENT and key in keys)
        return max(numbers, default=0)

    def _most(self, what: str, account: str) -> int:
        numbers = (int(n) for about, one, n in self.facts if (about, one) == (what, account))
        return max(numbers, default=0)


NOTHING = Remembered()


def shared_device(account: str) -> Fact:
    """An account of the referrer's came first from the friend's device."""
    return DEVICE, account, ""


def paid(account: str, order_key: str) -> Fact:
    """An account of the referrer's paid an order of the friend's."""
    return PAID, account, order_key


def came_before(account: str, number: int) -> Fact:
    """So many friends of an account, from the same address, or of anybody, from the same device or
    address, came before this one."""
    return BEFORE, account, str(number)


def were_gone(account: str, number: int) -> Fact:
    """So many of them had been erased when this one came."""
    return GONE, account, str(number)


def sent(order_key: str, number: int) -> Fact:
    """So many friends, this one included, had goods sent to where an order went."""
    return SENT, str(number), order_key
