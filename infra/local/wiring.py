"""Small facts that the runner needs about the template and its neighbours."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.standins.state import MINI_PROGRAM, OFFICIAL_ACCOUNT, WECOM
from infra.local.template import functions, resources_of

LAYER = "AWS::Serverless::LayerVersion"


def search_path(template_path: Path, template: Mapping[str, Any]) -> list[str]:
    """The source folders that SAM would ship: functions' CodeUri and layers' python folders."""
    base = template_path.absolute().parent
    code = {str(base / function.code_uri) for function in functions(template).values()}
    layers = []
    for properties in resources_of(template, LAYER).values():
        content = base / str(properties.get("ContentUri", "."))
        inner = content / "python"
        layers.append(str(inner if inner.is_dir() else content))
    return [path.rstrip("/") for path in sorted(code) + layers if Path(path).is_dir()]


def accounts_json(app_id: str, secret: Mapping[str, Any]) -> str:
    """The accounts that the stand-in of WeChat and WeCom knows, out of the local secret."""
    accounts = {name: secret[name] for name in (OFFICIAL_ACCOUNT, WECOM)}
    accounts[MINI_PROGRAM] = {"id": app_id, "secret": secret["wechat_secret"]}
    return json.dumps(
        {name: {"id": one["id"], "secret": one["secret"]} for name, one in accounts.items()}
    )


def standin_answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
