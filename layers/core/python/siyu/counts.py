"""What is counted, and under which names; docs/observability.md says what each of them means."""

from typing import Literal

from aws_lambda_powertools.metrics import MetricUnit

from siyu.runtime import metrics

MetricName = Literal[
    "AudienceExported",
    "CallbackAccepted",
    "ContactEventIgnored",
    "ContactFollowed",
    "ContactFriendAdded",
    "CouponRedeemed",
    "CouponRefused",
    "CreditCaptured",
    "CreditEarnedMinor",
    "CreditExpired",
    "CreditExpiredMinor",
    "CreditHeld",
    "CreditRefused",
    "CreditReleased",
    "CreditReleasedMinor",
    "CreditReversedMinor",
    "CreditSpentMinor",
    "CreditVoided",
    "EventDuplicate",
    "EventIgnored",
    "EventQuarantined",
    "EventRecorded",
    "EventsCompared",
    "EventsMissed",
    "HoldLapsed",
    "HoldRefused",
    "LabelChanged",
    "LedgerEntryPosted",
    "MemberErased",
    "MemberJoined",
    "MemberSegmented",
    "NetSalesMinor",
    "OrderAttached",
    "OrderCounted",
    "OrdersImported",
    "ReceiptClaimed",
    "RowsRefused",
    "ScanRefused",
    "TransactionGaveUp",
    "TransactionRetried",
    "WebhookAccepted",
    "WebhookRefused",
    "WelcomeMissed",
    "WelcomeSent",
]


_counted: dict[MetricName, int] = {}


def count(name: MetricName, number: int = 1) -> None:
    """Add to a metric; amounts are in minor units. What no invocation asked for, such as the work
    of a command, is never written."""
    _counted[name] = _counted.get(name, 0) + number


def forget() -> None:
    """Begin at nothing."""
    _counted.clear()


def write() -> None:
    """Write one line with all that was counted, if anything was."""
    if not _counted:
        return
    for name, number in _counted.items():
        metrics.add_metric(name, MetricUnit.Count, number)
    forget()
    metrics.flush_metrics()
    # Where metrics are turned off, Powertools keeps them.
    metrics.clear_metrics()
