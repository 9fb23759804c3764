"""Prints what SAM makes of the template: run by the Python that has SAM, one JSON object out.

    .tools/sam/bin/python tests/template/transform.py template.yaml cn-north-1 built WeChatAppId=wx

`built` stands for what was built: another word is another build of the layers.
"""

import contextlib
import json
import logging
import sys
from importlib import import_module
from pathlib import Path

boto3 = import_module("boto3")
translator = import_module("samtranslator.translator.translator")
parser = import_module("samtranslator.parser.parser")
yaml_helper = import_module("samtranslator.yaml_helper")


def main(template: str, region: str, built: str, *given: str) -> None:
    """Transform as CloudFormation does after `sam package`, which puts buckets for local paths."""
    document = yaml_helper.yaml_parse(Path(template).read_text("utf-8"))
    packaged = {"Bucket": "packages", "Key": "functions"}
    del document["Globals"]["Function"]["CodeUri"]
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = packaged
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = f"s3://packages/{built}"
        elif resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = packaged
    parameters = dict(pair.split("=", 1) for pair in given)
    logging.disable()
    with contextlib.redirect_stdout(sys.stderr):
        session = boto3.Session(region_name=region)
        made = translator.Translator({}, parser.Parser(), boto_session=session).translate(
            document, parameters
        )
    json.dump(made, sys.stdout)


main(*sys.argv[1:])
