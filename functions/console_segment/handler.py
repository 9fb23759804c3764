"""Operators ask why a member stands where they stand, how large the parts are, and who moved."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.utilities.typing import LambdaContext

from siyu.api import console
from siyu.api import segment_nights as wire
from siyu.api.segment import EXPLAIN, SegmentResponse
from siyu.api.segment_parts import USUAL, Name
from siyu.domain.calendar import business_date
from siyu.http import http_app, received_at, unkept
from siyu.invocation import invoked
from siyu.runtime import logger
from siyu.services.explain_segment import explain_segment
from siyu.services.segment_flows import segment_flows
from siyu.services.show_segments import show_segments

router = APIGatewayHttpRouter()


@router.get("/v1/console/members/<member>/segment", **EXPLAIN)
def explain(member: str, scheme: Name = USUAL) -> Response[SegmentResponse]:
    """Every comparison behind a member's label, the lines in force, and the labels before."""
    name, told = console.operator(router), explain_segment(member, scheme)
    logger.info("segment_explained", operator=name, member=told.member_id, scheme=scheme)
    return unkept(SegmentResponse.from_domain(told))


@router.get("/v1/console/segments", **wire.NIGHTS)
def nights(
    scheme: Name = USUAL,
    since: wire.Day = None,
    until: wire.Day = None,
    detail: wire.Detail = "sizes",
) -> Response[wire.SegmentsResponse]:
    """Without days the last thirty; 400 at most."""
    console.operator(router)
    found = show_segments(scheme, since, until or business_date(received_at(router)))
    return unkept(wire.SegmentsResponse.from_domain(scheme, found, detail))


@router.get("/v1/console/segments/flows", **wire.FLOWS)
def flows(
    first: wire.From, last: wire.To, scheme: Name = USUAL, by: wire.By = "stage"
) -> Response[wire.FlowsResponse]:
    """Exact over any span that a request has time for; `siyu segments flows` takes all."""
    console.operator(router)
    return unkept(wire.FlowsResponse.from_domain(segment_flows(scheme, first, last, by)))


app = http_app(router, guard=console.let_in)


@invoked
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Entry point for API Gateway."""
    return app.resolve(event, context)
