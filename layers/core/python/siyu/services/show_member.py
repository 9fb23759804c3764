"""What a member sees of themselves."""

from dataclasses import dataclass

from siyu.domain.ledger import Balance
from siyu.domain.segments import Measure
from siyu.errors import NotFoundError
from siyu.storage import members
from siyu.storage.members import Wallet


@dataclass(frozen=True, slots=True)
class Account:
    """A member's wallet, figures, label (`stage|group` or None) and credit."""

    wallet: Wallet
    measure: Measure
    label: str | None
    balance: Balance


def show_member(member_id: str) -> Account:
    """Two round trips. Raises NotFoundError."""
    wallet = members.wallet(member_id)
    aggregate, balance = members.account(member_id)
    if wallet is None or aggregate is None:
        raise NotFoundError("no such member")
    return Account(wallet, aggregate.measure, aggregate.label, balance)
