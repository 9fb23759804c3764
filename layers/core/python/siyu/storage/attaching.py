"""What is read to give orders to a member; `orders` is also for who only looks at them."""

from collections.abc import Iterable

from siyu.storage import figures, keys, orders, schemes
from siyu.storage.aggregates import to_aggregate
from siyu.storage.figures import Lineage
from siyu.storage.items import AggregateItem
from siyu.storage.member_items import IdentityItem
from siyu.storage.members import Identity
from siyu.storage.orders import Standing
from siyu.storage.reading import read


def look_up_for(
    order_keys: Iterable[str], member_id: str, waits_at: Identity | None = None
) -> tuple[dict[str, Standing], Lineage] | None:
    """Orders with their versions, and a member's figures, in one round trip; None if the identity
    at which the orders wait does not lead to the member (any more).

    Raises LookupError for somebody who never joined.
    """
    wanted, figures_at = list(order_keys), keys.aggregate(member_id)
    identity_at = keys.identity(*waits_at) if waits_at else None
    found = read([*map(keys.order, wanted), figures_at, keys.PUBLISHED, identity_at])
    link = found.get(IdentityItem, identity_at)
    if waits_at and (link is None or link.member_id != member_id):
        return None
    aggregate = found.get(AggregateItem, figures_at)
    if aggregate is None:
        raise LookupError("no aggregate for this member")
    standings = {key: orders.standing_of(key, found) for key in wanted}
    return standings, figures.above(to_aggregate(aggregate, schemes.published(found)))
