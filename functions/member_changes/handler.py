"""Table stream: someone claimed a receipt or revealed a buyer; give them the orders that wait."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.stream import Change, each_change
from siyu.runtime import logger, metrics
from siyu.services.attach_orders import attach, attach_waiting


def follow(change: Change) -> None:
    """Attach what a change made attachable."""
    image = change.image
    attached = 0
    if change.kind == "IDENTITY" and image.get("identity_kind") == "buyer":
        attached = attach_waiting(image["identity_index"], image["member_id"])
    elif change.kind == "RECEIPT" and {"claimed_by", "order_key"} <= image.keys():
        # With a buyer on it, the buyer's identity leads to the member and to all their orders.
        attached = 0 if "buyer_key" in image else attach([image["order_key"]], image["claimed_by"])
    metrics.add_metric("OrderAttached", MetricUnit.Count, attached)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the table's stream; answers with where to resume."""
    return each_change(event, follow)
