"""The cloud that is driven: on disk, with WeChat Pay among the senders of its secret."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from infra.local.cloud import SECRET
from infra.local.runner import LocalCloud
from infra.local.stack import TEMPLATE
from infra.local.template import load_template, resources_of
from tests.channels import wechat_pay_account
from tests.load.world import PAY, SHOP, TILLS

WORKERS = 2


class Ground(LocalCloud):
    """A local cloud whose table is a file, as it has to outlive its engine."""

    def __init__(self, folder: Path) -> None:
        # An existing secret is completed and never changed: so it may begin with more sources.
        for name in resources_of(load_template(TEMPLATE), SECRET):
            webhooks = {PAY: dict(wechat_pay_account.FIELDS)}
            given = {"master_key": secrets.token_hex(32), "webhooks": webhooks}
            (folder / f"{name}.json").write_text(json.dumps(given))
        super().__init__(folder, webhook_sources=(SHOP, TILLS), queue_workers=WORKERS)
