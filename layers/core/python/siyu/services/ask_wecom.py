"""Carry a question about a new member to the one function that may call WeCom, still sealed."""

import json

from siyu.storage import queue


def ask_wecom(member_id: str, sealed: str) -> None:
    """Queue the question that `join_member` left with a signup; asked twice it is harmless."""
    lookup = {"member_id": member_id, "sealed": sealed}
    queue.send_contact(json.dumps({"account": "wecom", "lookup": lookup}))
