"""What the OpenAPI document says: every operation, and every status that it names for it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

Operation = str
METHODS = ("get", "post", "put", "patch", "delete")
TEXT = {"type": "string"}
WECOM_CALLBACK, WECHAT_CALLBACK = "/v1/wecom/callback", "/v1/wechat/callback"
CHECKED = (WECOM_CALLBACK, WECHAT_CALLBACK, "/v1/webhooks/{source}")
# What an event of a contact may be about; the other fields are any text.
EVENTS = {
    WECOM_CALLBACK: ["change_external_contact", "change_external_chat"],
    WECHAT_CALLBACK: ["subscribe", "SCAN", "unsubscribe", "CLICK"],
}
CHANGES = [
    "add_external_contact",
    "add_half_external_contact",
    "del_external_contact",
    "del_follow_user",
    "edit_external_contact",
]
REQUIRED = ("Event", "ChangeType", "CreateTime", "UserID", "ExternalUserID", "FromUserName")
OPTIONAL = ("EventKey", "State", "WelcomeCode")


class Document:
    """The document by operation, such as `POST /v1/scans`."""

    def __init__(self, path: Path) -> None:
        self._content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.statuses: dict[Operation, set[int]] = {}
        self._patterns: list[tuple[str, re.Pattern[str], Operation]] = []
        for template, operations in self._content["paths"].items():
            for method in METHODS & operations.keys():
                name = f"{method.upper()} {template}"
                self.statuses[name] = {int(one) for one in operations[method]["responses"]}
                self._patterns.append((method.upper(), _pattern(template), name))

    def operation(self, method: str, path: str) -> Operation | None:
        """Whose request this is; None where the document names no such operation."""
        for wanted, pattern, name in self._patterns:
            if method == wanted and pattern.fullmatch(path):
                return name
        return None

    def with_what_is_signed(self) -> str:
        """The document for the generator, which also says what stands in encrypted callbacks and
        in address checks; the signing middleware wraps what is generated from it."""
        content = copy.deepcopy(self._content)
        for path, events in EVENTS.items():
            texts = dict.fromkeys((*REQUIRED, *OPTIONAL), TEXT)
            fields = {**texts, "Event": {"enum": events}, "ChangeType": {"enum": CHANGES}}
            schema = {"type": "object", "properties": fields, "required": REQUIRED}
            body = {"required": True, "content": {"application/json": {"schema": schema}}}
            content["paths"][path]["post"]["requestBody"] = body
        echo = {"name": "echostr", "in": "query", "required": False, "schema": TEXT}
        for path in CHECKED:
            content["paths"][path]["get"].setdefault("parameters", []).append(echo)
        return json.dumps(content)


def _pattern(template: str) -> re.Pattern[str]:
    literals = re.split(r"\{\w+\}", template)
    return re.compile("[^/]+".join(map(re.escape, literals)))
