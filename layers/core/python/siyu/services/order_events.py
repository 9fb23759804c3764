"""Order events between the wire and the table."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from siyu.domain.order_facts import Fact
from siyu.domain.orders import Order
from siyu.errors import UnprocessableEventError
from siyu.storage import keys
from siyu.storage.members import Identity
from siyu.storage.order_items import buyers_of

REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """An event as its receiver accepted it; `digest` identifies the content of its fact."""

    source: str
    delivery_id: str
    received_at: datetime
    order_id: str
    business_key: str
    fact: Fact
    digest: str
    body: str

    @property
    def order_key(self) -> str:
        return keys.order_key(self.source, self.order_id)

    @property
    def buyers(self) -> tuple[Identity, ...]:
        """The buyer, where this event decides about it: what a refund says of a sale does not."""
        return buyers_of(Order(self.source, self.order_id).apply(self.fact))

    def named_by_content(self) -> "OrderEvent":
        """The event under a delivery id that tells it from others of the same delivery."""
        name = f"{self.delivery_id}~{self.order_id}~{self.business_key}"
        digest = hashlib.sha256(name.encode()).hexdigest()[:32]
        return replace(self, delivery_id=f"{self.delivery_id[:64]}~{digest}")


Told = OrderEvent | UnprocessableEventError
"""What a part of a delivery tells: an event, or why it is none."""
