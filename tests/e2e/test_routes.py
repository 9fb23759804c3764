"""The routes that ministack leaves out are those of the processed template."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from infra.e2e.routes import API, Route, make_routes, routes_of
from infra.local.errors import LocalError

PREFIX = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"


def operation(uri: Any, kind: str = "aws_proxy") -> dict[str, Any]:
    return {"x-amazon-apigateway-integration": {"type": kind, "uri": uri}, "responses": {}}


def to(target: str) -> dict[str, Any]:
    return operation({"Fn::Sub": f"{PREFIX}${{{target}}}/invocations"})


def processed(paths: dict[str, Any]) -> dict[str, Any]:
    api = {"Type": API, "Properties": {"Body": {"paths": paths}}}
    return {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}, "HttpApi": api}}


def test_every_method_of_every_path_leads_to_its_function_or_its_alias() -> None:
    template = processed(
        {
            "/v1/me": {"get": to("MeFunctionAliaslive"), "delete": to("PrivacyFunction.Arn")},
            "/v1/webhooks/{source}": {"post": to("HookFunctionAliaslive")},
        }
    )
    assert routes_of(template) == [
        Route("DELETE /v1/me", "PrivacyFunction"),
        Route("GET /v1/me", "MeFunctionAliaslive"),
        Route("POST /v1/webhooks/{source}", "HookFunctionAliaslive"),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        operation({"Fn::Sub": "https://example.invalid/"}),
        operation("arn:aws:apigateway:us-east-1:states:action/StartExecution"),
        operation({"Fn::Sub": f"{PREFIX}${{F.Arn}}/invocations"}, kind="http_proxy"),
    ],
)
def test_what_leads_to_no_function_is_not_passed_over(odd: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match="GET /odd"):
        routes_of(processed({"/odd": {"get": odd}}))


class Gateway:
    """Keeps what it is asked for."""

    def __init__(self) -> None:
        self.integrations: list[str] = []
        self.routes: dict[str, str] = {}
        self._ids = count()

    def create_integration(self, **given: str) -> dict[str, str]:
        self.integrations.append(given["IntegrationUri"])
        return {"IntegrationId": f"i{next(self._ids)}"}

    def create_route(self, **given: str) -> None:
        self.routes[given["RouteKey"]] = given["Target"]


def test_routes_of_one_function_share_an_integration() -> None:
    gateway = Gateway()
    routes = [Route("GET /a", "One"), Route("GET /b", "Two"), Route("POST /a", "One")]
    make_routes(gateway, "api", routes, {"One": "arn:one", "Two": "arn:two"}.__getitem__)
    assert gateway.integrations == ["arn:one", "arn:two"]
    assert gateway.routes == {
        "GET /a": "integrations/i0",
        "GET /b": "integrations/i1",
        "POST /a": "integrations/i0",
    }
