"""Orders queue: fold each event into its order and its member's figures."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.batch import messages
from siyu.api.queue_message import read_messages
from siyu.errors import UnprocessableEventError
from siyu.runtime import logger, metrics
from siyu.services.quarantine_message import quarantine_message
from siyu.services.record_batch import look_ahead, record_all


def quarantine(record: SQSRecord, error: UnprocessableEventError) -> None:
    """Keep a message that can have no effect."""
    sent_at = datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)
    quarantine_message(record.message_id, record.body, error, sent_at)
    logger.warning("event_quarantined", reason=error.reason, message_id=record.message_id)
    metrics.add_metric("EventQuarantined", MetricUnit.Count, 1)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for SQS; answers with the messages to deliver again."""
    told, unreadable = read_messages(event["Records"])
    ahead = look_ahead(told)

    def record_message(record: SQSRecord) -> None:
        """One message: recorded, recognised as a repeat, or kept in quarantine."""
        try:
            if record.message_id in unreadable:
                raise unreadable[record.message_id]
            if not told[record.message_id]:
                metrics.add_metric("EventIgnored", MetricUnit.Count, 1)
            for outcome in record_all(told[record.message_id], ahead.get(record.message_id)):
                metrics.add_metric(f"Event{outcome.title()}", MetricUnit.Count, 1)
        except UnprocessableEventError as error:
            quarantine(record, error)

    return dict(process_partial_response(event, record_message, messages, context))
