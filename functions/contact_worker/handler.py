"""Contacts queue: welcome new friends, record who is whose contact, find out who they are."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.batch import messages
from siyu.api.contact_message import Lookup, read_message
from siyu.counts import MetricName, count
from siyu.domain.contacts import Followed, FriendAdded
from siyu.errors import UnprocessableEventError
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.follow_contact import follow_contact
from siyu.services.look_up_contact import look_up_contact
from siyu.services.quarantine_message import quarantine_message
from siyu.services.welcome_friend import Welcome, welcome_friend

Names = dict[object, MetricName]
COUNTED: Names = {FriendAdded: "ContactFriendAdded", Followed: "ContactFollowed"}
WELCOMES: Names = {Welcome.SENT: "WelcomeSent", Welcome.MISSED: "WelcomeMissed"}


def count_if(name: MetricName | None) -> None:
    if name:
        count(name)


def greet(event: FriendAdded) -> None:
    """The welcome's deadline is about time that passes: the one thing a clock is read for."""
    count_if(WELCOMES.get(welcome_friend(event, datetime.now(UTC))))


def work(record: SQSRecord) -> None:
    """One message: followed, recognised as a repeat, ignored, or kept in quarantine."""
    sent_at = datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)
    try:
        told = read_message(record.body)
        if isinstance(told, Lookup):
            look_up_contact(told.member_id, told.sealed, sent_at)
            logger.info("contact_looked_up", member=told.member_id)
        elif told.event is None:
            logger.info("event_ignored", message_id=record.message_id)
            count("ContactEventIgnored")
        elif follow_contact(told.event, told.received_at, greet):
            logger.info("contact_recorded", event=type(told.event).__name__)
            count_if(COUNTED.get(type(told.event)))
    except UnprocessableEventError as error:
        quarantine_message(record.message_id, record.body, error, sent_at)
        logger.warning("event_quarantined", reason=error.reason, message_id=record.message_id)
        count("EventQuarantined")


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for SQS; answers with the messages to deliver again."""
    return dict(process_partial_response(event, work, messages, context))
