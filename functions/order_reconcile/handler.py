"""Daily: ask the senders for the last days and fetch what was never delivered."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.order_event import read_event
from siyu.api.schedule import scheduled_for
from siyu.counts import count
from siyu.errors import UnavailableError
from siyu.invocation import invoked
from siyu.services.reconcile_orders import reconcile_orders


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the schedule; fails at the end if a source did, so that it is run again."""
    reports = reconcile_orders(scheduled_for(event), read_event)
    count("EventsCompared", sum(one.compared for one in reports))
    count("EventsMissed", sum(one.missed for one in reports))
    failed = [one.source for one in reports if one.failed]
    if failed:
        raise UnavailableError(f"not reconciled: {', '.join(failed)}")
    return {one.source: {"compared": one.compared, "missed": one.missed} for one in reports}
