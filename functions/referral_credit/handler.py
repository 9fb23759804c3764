"""Table stream: an order of a member changed, or who is one person; settle the ledger."""

from collections.abc import Container
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api.stream import Change, changes, each_change
from siyu.counts import count
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.credit_again import credit_again, credit_noticed, credit_suspects
from siyu.services.credit_referral import credit_referral, following, read_ahead


def concerned(change: Change, referred: Container[str]) -> bool:
    """Whether a referrer may be owed, or have to give back: an order may have come to somebody whom
    nobody referred, from somebody who was."""
    member = change.image.get("member_id", "")
    return member in referred or change.former.get("member_id", member) != member


def moved(change: Change, name: str) -> bool:
    """Whether an attribute is another one than before."""
    return change.image.get(name) != change.former.get(name)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for the table's stream; answers with where to resume."""
    orders = [one for one in changes(event) if one.kind == "ORDER"]
    buyers = [one.image["member_id"] for one in orders if "member_id" in one.image]
    shared = following(buyers)
    # What was read ahead serves the first change of an order; a second one reads what became of it.
    mine = (one.image["order_key"] for one in orders if concerned(one, shared.referred))
    ahead = read_ahead(mine)

    def credit(change: Change) -> None:
        posted = 0
        if change.kind == "ORDER" and concerned(change, shared.referred):
            key = change.image["order_key"]
            former = change.former.get("member_id")
            posted = credit_referral(key, shared, change.at, ahead.pop(key, None), former)
        elif change.kind == "PROFILE" and moved(change, "up"):
            ups = (change.image.get("up"), change.former.get("up"))
            accounts = {change.image["member_id"], *filter(None, ups)}
            posted = credit_again(accounts, change.at)
        elif change.kind == "PROFILE" and moved(change, "noticed_at"):
            posted = credit_noticed(change.image["member_id"], change.at)
        elif change.kind == "REVIEW":
            pair = (change.image["member_id"], change.image["other_id"])
            posted = credit_suspects(pair, change.at)
        if posted:
            logger.info("credit_settled", order_key=change.image.get("order_key"), entries=posted)
        count("LedgerEntryPosted", posted)

    return each_change(event, credit)
