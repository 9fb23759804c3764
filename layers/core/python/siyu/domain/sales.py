"""One sale, told by several sources, counts once.

A shop, its payment provider and its till may all report the same sale. What links them is the
payment: an order that names one counts through the sale of that payment, even while nobody else
tells of it. So nothing has to be taken back when the second report comes, whichever that is.

A sale is a fold of the orders that tell of it, one truth each for the amount and what went back:

- paid is what the best source says, and everything it says about that payment is added up; sources
  that know the sale come before those that know the payment only, then the name decides;
- given back is the most that any one source knows of: all report the same money, some not all. One
  that says all went back means all of what counts, whatever it takes the total to be;
- the member is the one that the best order with a member leads to: a friend may have paid. Among
  those that know the sale, who was named comes before who found the paper, whoever prints it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from siyu.domain.order_facts import Paid, first_told
from siyu.domain.orders import Order, Part

SALE_SOURCE = "~sale"
GIVEN_BACK = "all"


def with_part(sale: Order, order_key: str, order: Order) -> Order:
    """The sale with one of its orders as it stands now. Raises ValueError for an unpaid order."""
    if order.paid is None:
        raise ValueError("only a paid order tells of a sale")
    # Who bought, and where it goes, stays with the order, so that it is said, and forgotten, in one
    # place; so do lines, since a sale of many orders has to fit an item.
    told = replace(
        order.paid,
        buyer_key=None,
        people=(),
        receipt=None,
        payment_id=None,
        lines=(),
        delivered_to=(),
    )
    part = Part(told, order.given_back_minor, order.member_id, order.lead)
    parts = {**sale.parts, order_key: part}
    by_source = _by_source(parts)
    truth = [parts[key] for key in counted_keys(parts)]
    paid = _together(truth)
    others = (_given_back(told, paid.amount_minor) for told in by_source.values())
    given_back = max(sum(part.given_back_minor for part in truth), *others)
    return replace(
        sale,
        paid=paid,
        refunds={GIVEN_BACK: given_back} if given_back else {},
        parts=parts,
        member_id=_owner(parts),
    )


def counted_keys(parts: Mapping[str, Part]) -> list[str]:
    """The orders of a sale that say what was paid: those of its best source. Raises ValueError when
    there are none."""
    by_source = _by_source(parts)
    truth = min(by_source, key=lambda source: (_payment_only(by_source[source]), source))
    return [key for key in sorted(parts) if key.partition("#")[0] == truth]


def _by_source(parts: Mapping[str, Part]) -> Mapping[str, list[Part]]:
    by_source: defaultdict[str, list[Part]] = defaultdict(list)
    for key in sorted(parts):
        by_source[key.partition("#")[0]].append(parts[key])
    return by_source


def _owner(parts: Mapping[str, Part]) -> str | None:
    owned = [(key, part) for key, part in parts.items() if part.member_id is not None]
    ranked = ((part.paid.payment_only, part.lead, key) for key, part in owned)
    *_, best = min(ranked, default=(None,))
    return parts[best].member_id if best is not None else None


def _together(parts: list[Part]) -> Paid:
    first = parts[0].paid
    return replace(
        first,
        amount_minor=sum(part.paid.amount_minor for part in parts),
        occurred_at=min(part.paid.occurred_at for part in parts),
        told_at=first_told(part.paid for part in parts),
    )


def _given_back(told: Sequence[Part], paid_minor: int) -> int:
    """What a source says went back of a sale for which `paid_minor` counts."""
    given_back = sum(part.given_back_minor for part in told)
    everything = given_back >= sum(part.paid.amount_minor for part in told)
    return paid_minor if everything else min(given_back, paid_minor)


def _payment_only(parts: Iterable[Part]) -> bool:
    return all(part.paid.payment_only for part in parts)
