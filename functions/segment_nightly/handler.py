"""Every night: score and label all members as of the business day that begins."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.schedule import scheduled_for
from siyu.domain.calendar import business_date
from siyu.runtime import logger, metrics
from siyu.services.segment_members import segment_members


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the schedule; returns the night's reports. A second run writes nothing."""
    as_of = business_date(scheduled_for(event))
    reports = segment_members(as_of)
    members = max((report.members for report in reports), default=0)
    changed = sum(report.changed for report in reports)
    metrics.add_metric("MemberSegmented", MetricUnit.Count, members)
    metrics.add_metric("LabelChanged", MetricUnit.Count, changed)
    logger.info("members_segmented", members=members, changed=changed)
    return {"as_of": as_of.isoformat(), "schemes": [report.body() for report in reports]}
