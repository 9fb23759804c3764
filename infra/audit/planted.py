"""Mistakes that every tool must find in each run; a tool that finds none of them did not look."""

from __future__ import annotations

from pathlib import Path

NAME = "planted"

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Wide:
    Type: AWS::Serverless::Function
    Properties:
      Handler: wide.handler
      Runtime: python3.13
      CodeUri: .
      Policies:
        - Statement: [{Effect: Allow, Action: "dynamodb:*", Resource: "*"}]
  Open:
    Type: AWS::S3::Bucket
"""

CODE = """\
import subprocess

subprocess.run(input(), shell=True)
"""

# Loads any object out of YAML: CVE-2020-14343.
PACKAGE = "pyyaml==5.3"

# In two halves, so that it is not found here.
KEY = "AKIA" + "2E0A8F3B244C9986"

EXPECTED = {
    "checkov": {"CKV_AWS_53", "CKV_AWS_111"},
    "cfripper": {"WildcardResourceRule"},
    "bandit": {"B602"},
    "pip-audit": {"pyyaml"},
    "secrets": {"CKV_SECRET_2"},
}


def plant(folder: Path) -> None:
    """Writes the mistakes where the tools are pointed to."""
    (folder / f"{NAME}.yaml").write_text(TEMPLATE, encoding="utf-8")
    (folder / f"{NAME}.py").write_text(CODE, encoding="utf-8")


def plant_secret(folder: Path) -> None:
    """Writes a key where secrets are looked for."""
    (folder / NAME).mkdir()
    (folder / NAME / "key.md").write_text(f"The key is {KEY}.\n", encoding="utf-8")
