"""Table stream: an order of a member changed; bring the referral ledger to its target."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.stream import Change, changes, each_change
from siyu.runtime import logger, metrics
from siyu.services.credit_referral import bindings_of, credit_referral


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the table's stream; answers with where to resume."""
    referred = bindings_of(
        change.image["member_id"] for change in changes(event) if "member_id" in change.image
    )

    def credit(change: Change) -> None:
        binding = referred.get(change.image.get("member_id", ""))
        if binding is not None:
            posted = credit_referral(change.image["order_key"], binding, change.at)
            metrics.add_metric("LedgerEntryPosted", MetricUnit.Count, posted)

    return each_change(event, credit)
