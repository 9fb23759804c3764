"""Every night: score and label all members as of the business day that begins."""

from dataclasses import asdict
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
    """Entry point for the schedule; returns the night's report. A second run writes nothing."""
    report = segment_members(business_date(scheduled_for(event)))
    metrics.add_metric("MemberSegmented", MetricUnit.Count, report.members)
    metrics.add_metric("LabelChanged", MetricUnit.Count, report.changed)
    logger.info("members_segmented", members=report.members, changed=report.changed)
    return {**asdict(report), "as_of": report.as_of.isoformat()}
