"""Table stream: an order of a member changed; bring the referral ledger to its target."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.stream import Change, changes, each_change
from siyu.runtime import logger, metrics
from siyu.services.credit_referral import bindings_of, credit_referral, read_ahead


def concerned(change: Change, referred: Mapping[str, Any]) -> bool:
    """Whether a referrer may be owed, or have to give back: an order may have come to somebody whom
    nobody referred, from somebody who was."""
    member = change.image.get("member_id", "")
    return member in referred or change.former.get("member_id", member) != member


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the table's stream; answers with where to resume."""
    orders = [one for one in changes(event) if one.kind == "ORDER"]
    referred = bindings_of(one.image["member_id"] for one in orders if "member_id" in one.image)
    # What was read ahead serves the first change of an order; a second one reads what became of it.
    ahead = read_ahead(one.image["order_key"] for one in orders if concerned(one, referred))

    def credit(change: Change) -> None:
        if change.kind == "ORDER" and concerned(change, referred):
            key = change.image["order_key"]
            binding = referred.get(change.image.get("member_id", ""))
            posted = credit_referral(key, binding, change.at, ahead.pop(key, None))
            metrics.add_metric("LedgerEntryPosted", MetricUnit.Count, posted)

    return each_change(event, credit)
