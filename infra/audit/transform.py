"""Run by the SAM CLI's Python: what CloudFormation gets of templates, after the SAM transform.

`python transform.py FOLDER TEMPLATE...` writes FOLDER/<name>.json. A role that SAM makes out of
`Policies` is in no template, and it is what the tools should look at.
"""

from __future__ import annotations

import json
import logging
import sys
from importlib import import_module
from pathlib import Path


class NoManagedPolicies:
    """Stands for the list of AWS's managed policies, which would be asked from an account."""

    def load(self) -> dict[str, str]:
        return {}


def transform(source: Path, folder: Path) -> None:
    """Writes one template as it is deployed."""
    read = import_module("samcli.yamlhelper").yaml_parse
    validator = import_module("samcli.lib.translate.sam_template_validator").SamTemplateValidator
    made = validator(
        read(source.read_text(encoding="utf-8")), NoManagedPolicies(), region="us-east-1"
    )
    deployed = read(made.get_translated_template_if_valid())
    (folder / f"{source.stem}.json").write_text(json.dumps(deployed, indent=1), encoding="utf-8")


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    for name in sys.argv[2:]:
        transform(Path(name), Path(sys.argv[1]))
