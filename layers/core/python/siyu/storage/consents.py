"""Consents: one item for each decision, never rewritten.

The key holds a digest of what was decided: two decisions at one instant are two items.
"""

import hashlib
import json

from siyu.domain.calendar import to_utc
from siyu.domain.consents import Consent
from siyu.storage import keys
from siyu.storage.member_items import ConsentItem
from siyu.storage.transaction import Transaction

DIGEST_CHARS = 16


def put(write: Transaction, member_id: str, consent: Consent) -> None:
    """Record a decision; the same one again is the same item."""
    at = to_utc(consent.at)
    decided = [consent.granted, consent.policy_version, consent.text_hash, consent.channel]
    digest = hashlib.sha256(json.dumps(decided).encode()).hexdigest()[:DIGEST_CHARS]
    write.put(
        "consent",
        ConsentItem(
            *keys.consent(member_id, at.isoformat(), f"{consent.purpose}#{digest}"),
            purpose=consent.purpose.value,
            granted=consent.granted,
            policy_version=consent.policy_version,
            text_hash=consent.text_hash,
            channel=consent.channel,
            decided_at=at,
            address_mark=consent.address_mark,
        ),
    )
