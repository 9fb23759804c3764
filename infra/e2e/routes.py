"""The routes of an HTTP API, read from the template that CloudFormation processed.

ministack makes the API that SAM describes, and leaves the OpenAPI document in it unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.errors import LocalError

API = "AWS::ApiGatewayV2::Api"
INTEGRATION = "x-amazon-apigateway-integration"
# ...:lambda:path/2015-03-31/functions/${Name.Arn}/invocations, or ${NameAliaslive} for its alias
FUNCTION = re.compile(r"/functions/\$\{(\w+)(?:\.Arn)?\}/invocations")


@dataclass(frozen=True, order=True)
class Route:
    """`key` is what API Gateway calls the route key; `target` is a logical id."""

    key: str
    target: str


def routes_of(template: Mapping[str, Any]) -> list[Route]:
    """All of them, sorted. Raises LocalError on what is no Lambda proxy integration."""
    found = []
    for resource in template["Resources"].values():
        if resource["Type"] == API:
            for path, operations in resource["Properties"]["Body"]["paths"].items():
                found += [_route(path, method, one) for method, one in operations.items()]
    return sorted(found)


def _route(path: str, method: str, operation: Mapping[str, Any]) -> Route:
    key = f"{method.upper()} {path}"
    integration = operation[INTEGRATION]
    match = FUNCTION.search(str(integration["uri"]))
    if integration["type"] != "aws_proxy" or match is None:
        raise LocalError(f"{key} leads to no function: {integration}")
    return Route(key, match[1])


def make_routes(gateway: Any, api: str, routes: list[Route], arn: Callable[[str], str]) -> None:
    """One integration for each function; `arn` knows what a logical id has become."""
    integrations: dict[str, str] = {}
    for route in routes:
        if route.target not in integrations:
            made = gateway.create_integration(
                ApiId=api,
                IntegrationType="AWS_PROXY",
                IntegrationMethod="POST",
                IntegrationUri=arn(route.target),
                PayloadFormatVersion="2.0",
            )
            integrations[route.target] = f"integrations/{made['IntegrationId']}"
        gateway.create_route(ApiId=api, RouteKey=route.key, Target=integrations[route.target])
