"""Every night: release the referral credits whose hold has ended."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.schedule import scheduled_for
from siyu.domain.calendar import business_date
from siyu.runtime import logger, metrics
from siyu.services.release_credits import release_due


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the schedule. Running it twice for a day releases nothing twice."""
    now = scheduled_for(event)
    released = release_due(business_date(now), now)
    metrics.add_metric("CreditReleased", MetricUnit.Count, released)
    logger.info("credits_released", released=released)
    return {"as_of": business_date(now).isoformat(), "released": released}
