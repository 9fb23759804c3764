"""Writes infra/openapi.json from the routers of the functions, or checks that it is up to date."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from siyu.api.document import DESCRIPTION, SECURITY_SCHEMES, TITLE, VERSION
from siyu.settings import Settings

PATH = Path(__file__).with_name("openapi.json")
HTTP_FUNCTIONS = (
    "scan_signup",
    "code_landing",
    "member_session",
    "member_profile",
    "member_phone",
    "member_consents",
    "member_privacy",
    "coupon_redeem",
    "contact_callback",
    "order_webhook",
    "console_quarantine",
    "member_wallet",
    "referral_poster",
    "credit_spend",
    "console_programme",
    "console_review",
    "console_referrer",
    "console_audience",
    "console_segment",
    "console_scheme",
)


def document() -> str:
    """The OpenAPI document of all HTTP functions, as it is stored."""
    # The handlers read their settings when they are imported; the document depends on none of them.
    for field in fields(Settings):
        os.environ.setdefault(field.name.upper(), "unused")
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    from infra.openapi_details import describe  # noqa: PLC0415 - after the settings, as the handlers

    app = APIGatewayHttpResolver(enable_validation=True)
    for name in HTTP_FUNCTIONS:
        app.include_router(import_module(f"{name}.handler").router)
    schema = app.get_openapi_json_schema(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        security_schemes=dict(SECURITY_SCHEMES),
    )
    found = json.loads(schema)
    describe(found)
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """0 when written or equal, 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    fresh = document()
    if not check:
        PATH.write_text(fresh)
        return 0
    if PATH.exists() and PATH.read_text() == fresh:
        return 0
    print("infra/openapi.json is not what the code says. Run make openapi.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
