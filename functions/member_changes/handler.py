"""Table stream: what follows an identity, a claim, an erasure, a question to WeCom, an audience."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.stream import Change, each_change
from siyu.counts import count
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.ask_wecom import ask_wecom
from siyu.services.attach_orders import attach, attach_waiting
from siyu.services.erase_member import finish_erasure
from siyu.services.link_waiting import link_waiting
from siyu.services.start_export import start_export

ORDERS_WAIT_AT = {"buyer", "unionid", "openid"}
CONTACTS_WAIT_AT = {"unionid", "pending"}


def count_attached(member_id: str, orders: int) -> None:
    if orders:
        logger.info("orders_attached", member=member_id, orders=orders)
    count("OrderAttached", orders)


def identify(identity: tuple[str, str], change: Change) -> None:
    """Somebody turned out to be a member: what waited for them is theirs."""
    member_id = change.image["member_id"]
    if identity[0] in ORDERS_WAIT_AT:
        count_attached(member_id, attach_waiting(identity, member_id))
    if identity[0] in CONTACTS_WAIT_AT:
        link_waiting(identity, member_id, change.at)


def follow(change: Change) -> None:
    """One change; again is harmless."""
    image = change.image
    match change.kind:
        case "IDENTITY":
            identify((image["identity_kind"], image["identity_index"]), change)
        case "RECEIPT" if {"claimed_by", "order_key"} <= image.keys():
            # With a buyer on it, the buyer's identity leads to the member and all their orders.
            if "buyer_key" not in image:
                member_id = image["claimed_by"]
                count_attached(member_id, attach([image["order_key"]], member_id))
        case "ERASURE":
            finish_erasure(image["member_id"], change.at)
            logger.info("member_erased", member=image["member_id"])
            count("MemberErased")
        case "LOOKUP":
            ask_wecom(image["member_id"], image["sealed"])
        case "AUDIENCE":
            start_export(image["audience_id"])


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the table's stream; answers with where to resume."""
    return each_change(event, follow)
