"""/v1/console/quarantine: operators look through what was set aside, try it, and replay it."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console
from siyu.api import quarantine as wire
from siyu.http import http_app, received_at, unkept
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services import replay_events

router = APIGatewayHttpRouter()
PATH = "/v1/console/quarantine"


@router.get(PATH, **wire.LIST)
def events(
    source: wire.Filter = None,
    reason: wire.Filter = None,
    limit: wire.Limit = 20,
    cursor: wire.Cursor = None,
) -> Response[wire.EventsResponse]:
    """What waits for somebody, oldest first."""
    console.operator(router)
    page = replay_events.open_page(source, reason, limit, cursor)
    return unkept(wire.EventsResponse.from_domain(page))


@router.get(f"{PATH}/<event_id>", **wire.SHOW)
def event(event_id: str) -> Response[wire.EventResponse]:
    """The message may hold personal data, so it is noted who looked."""
    name = console.operator(router)
    aside, message = replay_events.show(event_id)
    logger.info("quarantine_shown", operator=name, event_id=event_id)
    return unkept(wire.EventResponse.from_domain(aside, message))


@router.post(f"{PATH}/<event_id>/replay", **wire.REPLAY)
def replay(event_id: str, body: wire.ReplayRequest) -> Response[wire.ReplayResponse]:
    """A dry run says what would change. A replay may be repeated: it has its effect once."""
    name, now = console.operator(router), received_at(router)
    if body.dry_run:
        trial = replay_events.try_event(event_id, wire.READERS)
        return unkept(wire.ReplayResponse.of_trial(event_id, trial))
    done = replay_events.replay(event_id, wire.READERS, name, now)
    logger.info("quarantine_replayed", operator=name, event_id=event_id, outcome=done.outcome)
    return unkept(wire.ReplayResponse.of_replay(event_id, done))


app = http_app(router, guard=console.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
