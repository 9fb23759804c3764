"""A member's credit, its statement, a code to pay with at a till, and what brings more of it."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import my_referral, session, wallet, wallet_code
from siyu.http import http_app, own_origin, received_at, unkept
from siyu.invocation import invoked
from siyu.services.known_member import known
from siyu.services.show_referral import show_referral
from siyu.services.show_wallet import show_statement, show_wallet

router = APIGatewayHttpRouter()


@router.get("/v1/me/credit", **wallet.CREDIT)
def credit() -> Response[wallet.WalletResponse]:
    """The whole person's, whichever of their accounts the session is of."""
    return unkept(wallet.WalletResponse.from_domain(show_wallet(session.signed_in(router))))


@router.get("/v1/me/credit/entries", **wallet.ENTRIES)
def entries(
    limit: wallet.Limit = 20, cursor: wallet.Cursor = None
) -> Response[wallet.StatementResponse]:
    """Newest first, each with the balance before and after it."""
    try:
        page = show_statement(session.signed_in(router), limit, cursor)
    except ValueError:
        raise wallet.no_cursor() from None
    return unkept(wallet.StatementResponse.from_domain(page))


@router.post("/v1/me/credit/code", **wallet.CODE)
def code() -> Response[wallet_code.WalletCodeResponse]:
    """Good for five minutes, at a till and nowhere else."""
    member_id = session.signed_in(router)
    known(member_id)
    return unkept(wallet_code.WalletCodeResponse.issue(member_id, received_at(router)))


@router.get("/v1/me/referral", **my_referral.MINE)
def referral() -> Response[my_referral.ReferralCodeResponse]:
    """The code, where its pictures are, what came of it and what the rules offer now."""
    member_id, origin = session.signed_in(router), own_origin(router)
    told = show_referral(member_id, received_at(router))
    return unkept(my_referral.ReferralCodeResponse.of_member(member_id, origin, *told))


app = http_app(router, guard=session.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
