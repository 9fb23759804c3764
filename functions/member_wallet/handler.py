"""A member's credit, its statement, and a code to pay with at a till."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console, session, wallet, wallet_code
from siyu.http import http_app, received_at
from siyu.invocation import invoked
from siyu.services.known_member import known
from siyu.services.show_wallet import show_wallet

router = APIGatewayHttpRouter()


@router.get("/v1/me/credit", **wallet.CREDIT)
def credit() -> Response[wallet.WalletResponse]:
    """The whole person's, whichever of their accounts the session is of."""
    shown = show_wallet(session.signed_in(router))
    return console.unkept(wallet.WalletResponse.from_domain(shown))


@router.get("/v1/me/credit/entries", **wallet.ENTRIES)
def entries(
    limit: wallet.Limit = 20, cursor: wallet.Cursor = None
) -> Response[wallet.StatementResponse]:
    """Newest first, each with the balance before and after it."""
    return console.unkept(wallet.statement(session.signed_in(router), limit, cursor))


@router.post("/v1/me/credit/code", **wallet.CODE)
def code() -> Response[wallet_code.WalletCodeResponse]:
    """Good for five minutes, at a till and nowhere else."""
    member_id = session.signed_in(router)
    known(member_id)
    return console.unkept(wallet_code.WalletCodeResponse.issue(member_id, received_at(router)))


app = http_app(router, guard=session.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
