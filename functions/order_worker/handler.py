"""Orders queue: fold each event into its order and its member's figures."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.batch import messages
from siyu.api.queue_message import read_messages
from siyu.counts import MetricName, count
from siyu.errors import UnprocessableEventError
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.quarantine_message import quarantine_message
from siyu.services.record_batch import look_ahead, record_all
from siyu.services.record_order import Outcome

OUTCOMES: Mapping[Outcome, MetricName] = {
    Outcome.RECORDED: "EventRecorded",
    Outcome.DUPLICATE: "EventDuplicate",
}


def quarantine(record: SQSRecord, error: UnprocessableEventError) -> None:
    """Keep a message that can have no effect."""
    sent_at = datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)
    quarantine_message(record.message_id, record.body, error, sent_at)
    logger.warning("event_quarantined", reason=error.reason, message_id=record.message_id)
    count("EventQuarantined")


@invoked
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
                logger.info("event_ignored", message_id=record.message_id)
                count("EventIgnored")
            for outcome in record_all(told[record.message_id], ahead.of(record.message_id)):
                count(OUTCOMES[outcome])
        except UnprocessableEventError as error:
            quarantine(record, error)

    return dict(process_partial_response(event, record_message, messages, context))
