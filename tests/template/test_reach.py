"""Rights and the network follow from what the code of a function can come to."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.policies import listed, patterns, statements
from tests.template.reach import reached, trees
from tests.template.reading import functions, package_of, resources

KEYS = "siyu.storage.keys"
FAMILY = re.compile(r"^[A-Z][A-Z0-9]*#")
NARROW = sorted(
    name
    for name in functions()
    if any(patterns(one) is not None for one in statements(package_of(name)))
)


@cache
def callers_out() -> frozenset[str]:
    """Those whose code can come to our client of HTTP."""
    return frozenset(name for name in functions() if ("urllib3", "*") in reached(package_of(name)))


def partition(node: ast.expr) -> str | None:
    """The pattern of a partition key: its text, with `*` for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if FAMILY.match(node.value) else None
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        text = str(node.values[0].value)
        return f"{text}*" if FAMILY.match(text) else None
    return None


def families(symbol: str) -> set[str]:
    """The partition keys that a name of siyu.storage.keys makes by itself."""
    node = next((one for one in trees()[KEYS].body if symbol in names(one)), None)
    if node is None or symbol.endswith("_PREFIX"):
        return set()
    told: list[ast.expr] = [
        one.args[0]
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "Key"
    ]
    if symbol.endswith(("_pk", "_PK")):
        told += [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
        told += [node.value] if isinstance(node, ast.Assign) else []
    return {found for one in told if (found := partition(one)) is not None}


def names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]


def test_the_families_of_keys_are_read_from_the_source() -> None:
    assert families("audience") == {"AUDIENCE#*"}
    assert families("SCHEMES") == {"G#SEGMENTS"}
    assert families("AUDIENCES_PK") == {"AUDIENCES#"}
    assert families("member_pk") == {"M#*"}
    assert families("profile") == families("RUN_PREFIX") == set()


@pytest.mark.parametrize("name", NARROW)
def test_condition_names_the_partitions_that_the_code_can_come_to(name: str) -> None:
    """A narrower one would fail in production, a wider one allow what nobody asks for.

    That each request is within them, `tests.policies` says of every call of every test.
    """
    reachable = {symbol for module, symbol in reached(package_of(name)) if module == KEYS}
    wanted = set().union(*(families(symbol) for symbol in reachable))
    conditions = [patterns(one) for one in statements(package_of(name))]
    (given,) = [set(one) for one in conditions if one is not None]
    assert given == wanted


def test_jobs_of_few_partitions_may_touch_no_other() -> None:
    assert NARROW == [
        "AudienceExportFunction",
        "ConsoleAudienceFunction",
        "ConsoleProgrammeFunction",
        "ConsoleSchemeFunction",
        "ConsoleSegmentFunction",
        "MemberWalletFunction",
        "OrderImportFunction",
        "OrderReconcileFunction",
        "SegmentNightlyFunction",
        "SegmentPartFunction",
    ]


def test_nobody_may_delete_whose_code_does_not() -> None:
    deleting = {
        (module, node.name)
        for module, tree in trees().items()
        if module.startswith("siyu.storage.")
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ".delete(" in ast.unparse(node)
    }
    assert ("siyu.storage.phones", "forget_phone") in deleting
    able = {name for name in functions() if deleting & reached(package_of(name))}
    may = {
        name
        for name in functions()
        if any("dynamodb:DeleteItem" in one["Action"] for one in statements(package_of(name)))
    }
    assert may
    assert may <= able


def test_those_who_call_out_and_no_others_can_have_a_fixed_address() -> None:
    assert callers_out() == {
        "ConsoleQuarantineFunction",
        "ContactWorkerFunction",
        "MemberPhoneFunction",
        "MemberPrivacyFunction",
        "MemberSessionFunction",
        "OrderReconcileFunction",
        "OrderWorkerFunction",
        "ScanSignupFunction",
    }
    assert {name for name, one in functions().items() if "VpcConfig" in one} == callers_out()
    placed = [functions()[name]["VpcConfig"]["Fn::If"] for name in sorted(callers_out())]
    assert {one[0] for one in placed} == {"HasFixedEgress"}
    assert all(one == placed[0] for one in placed)
    assert placed[0][2] == {"Ref": "AWS::NoValue"}


def test_the_right_to_make_network_interfaces_is_lambdas_alone() -> None:
    """SAM gives it to every role that may stand in a network; code of ours has no use for it."""
    policy = resources("AWS::IAM::Policy")["NetworkIsLambdasPolicy"]["Properties"]
    assert {one["Ref"] for one in policy["Roles"]} == {f"{name}Role" for name in callers_out()}
    (deny,) = policy["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Resource"]) == ("Deny", "*")
    assert deny["Condition"] == {"Null": {"lambda:SourceFunctionArn": False}}
    assert {action.partition(":")[0] for action in deny["Action"]} == {"ec2"}


def test_no_function_in_the_network_needs_a_service_that_is_dear_by_the_gateway() -> None:
    """Files would pass the gateway by the gigabyte; the table has a way of its own."""
    for name in callers_out():
        actions = [a for one in statements(package_of(name)) for a in listed(one["Action"])]
        assert actions
        assert not [action for action in actions if action.startswith("s3:")]
