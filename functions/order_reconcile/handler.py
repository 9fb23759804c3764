"""Daily: ask the senders for the last days and fetch what was never delivered."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.order_event import read_event
from siyu.api.schedule import scheduled_for
from siyu.errors import UnavailableError
from siyu.runtime import logger, metrics
from siyu.services.reconcile_orders import reconcile_orders


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the schedule; fails at the end if a source did, so that it is run again."""
    reports = reconcile_orders(scheduled_for(event), read_event)
    metrics.add_metric("EventsCompared", MetricUnit.Count, sum(one.compared for one in reports))
    metrics.add_metric("EventsMissed", MetricUnit.Count, sum(one.missed for one in reports))
    failed = [one.source for one in reports if one.failed]
    if failed:
        raise UnavailableError(f"not reconciled: {', '.join(failed)}")
    return {one.source: {"compared": one.compared, "missed": one.missed} for one in reports}
