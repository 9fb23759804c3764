"""What a person has bought and earned; most functions read `people` without it."""

from siyu.domain.ledger import Balance
from siyu.storage import keys
from siyu.storage.aggregates import Aggregate, to_aggregate
from siyu.storage.items import AggregateItem
from siyu.storage.ledger import to_balance
from siyu.storage.ledger_items import BalanceItem
from siyu.storage.people import Person
from siyu.storage.reading import read


def standing(person: Person) -> tuple[Aggregate | None, Balance]:
    """A person's figures and credit balance: one round trip, 1 read unit and 4 for each account."""
    aggregate_at = keys.aggregate(person.member.member_id)
    balances_at = [key for member_id in person.member_ids for key in keys.balances(member_id)]
    found = read([aggregate_at, *balances_at])
    aggregate = found.get(AggregateItem, aggregate_at)
    shards = (found.get(BalanceItem, key) for key in balances_at)
    total = sum((to_balance(item) for item in shards if item is not None), Balance())
    return (to_aggregate(aggregate) if aggregate else None), total
