"""What is read to give orders to a member; `orders` is also for who only looks at them."""

from collections.abc import Iterable

from siyu.storage import figures, keys, orders, schemes
from siyu.storage.aggregates import to_aggregate
from siyu.storage.figures import Lineage
from siyu.storage.items import AggregateItem
from siyu.storage.orders import Standing
from siyu.storage.reading import read


def look_up_for(order_keys: Iterable[str], member_id: str) -> tuple[dict[str, Standing], Lineage]:
    """Orders with their versions, and a member's figures, in one round trip.

    Raises LookupError for somebody who never joined.
    """
    wanted, figures_at = list(order_keys), keys.aggregate(member_id)
    found = read([*map(keys.order, wanted), figures_at, keys.PUBLISHED])
    aggregate = found.get(AggregateItem, figures_at)
    if aggregate is None:
        raise LookupError("no aggregate for this member")
    standings = {key: orders.standing_of(key, found) for key in wanted}
    return standings, figures.above(to_aggregate(aggregate, schemes.published(found)))
