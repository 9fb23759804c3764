"""All referrals and what they have earned, read off the whole table: to be asked now and then."""

from collections.abc import Iterator

from siyu.domain.credits import Credit
from siyu.domain.referrals import Binding
from siyu.storage.bindings import to_binding
from siyu.storage.credit_items import to_credit
from siyu.storage.items import Item
from siyu.storage.ledger_items import CreditItem
from siyu.storage.member_items import ReferrerItem


def referrals() -> Iterator[Binding | Credit]:
    """Every binding and every credit, in no special order: a unit for each 4 kB of the table."""
    wanted = Item.kind.is_in(CreditItem, ReferrerItem)
    for item in Item.scan(wanted, consistent_read=True):
        if isinstance(item, ReferrerItem):
            yield to_binding(item)
        elif isinstance(item, CreditItem):
            yield to_credit(item)
