"""The template before it is deployed: lint, parameters, and what it refuses."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.aws import REGION
from tests.support.cloudformation import Resolver
from tests.support.stack import IMAGE, TEMPLATE, TEMPLATE_PATH

NAMED_ONCE = {"DatabaseSecurityGroupId": "sg-0123456789abcdef0"}


def test_the_template_is_clean() -> None:
    lint = Path(sys.executable).with_name("cfn-lint")
    command = [str(lint), "--non-zero-exit-code", "informational", str(TEMPLATE_PATH)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_template_can_be_sent_as_it_is() -> None:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    assert len(TEMPLATE_PATH.read_bytes()) <= 51_200


@pytest.mark.parametrize("name", sorted(TEMPLATE["Parameters"]))
def test_every_parameter_is_described_and_its_default_allowed(name: str) -> None:
    parameter = TEMPLATE["Parameters"][name]
    assert parameter["Description"].endswith(".")
    if "Default" in parameter and "AllowedPattern" in parameter:
        assert re.fullmatch(parameter["AllowedPattern"], str(parameter["Default"]))


def test_every_parameter_is_in_a_group() -> None:
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(TEMPLATE["Parameters"])


def test_every_output_is_described() -> None:
    assert all(output["Description"] for output in TEMPLATE["Outputs"].values())


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("ImageUri", IMAGE, True),
        ("ImageUri", f"{IMAGE.split(':')[0]}@sha256:{'0' * 64}", True),
        ("ImageUri", "solstice-import-worker", False),
        ("ImageUri", IMAGE.replace("solstice-import-worker", "another"), False),
        ("ImageUri", IMAGE.split(":", maxsplit=1)[0], False),
        ("Stage", "pr-17", True),
        ("Stage", "Production", False),
        ("ArtifactsPrefix", "solstice/prod/", True),
        ("ArtifactsPrefix", "solstice/prod", False),
        ("ArtifactsPrefix", "/", False),
        ("DatabaseUrlSecretArn", "postgres://host/db", False),
        ("DatabaseCidr", "10.0.8.0/24", True),
        ("DatabaseCidr", "10.0.8.0", False),
        ("DeadlineSeconds", "0", False),
        ("DeadlineSeconds", "86400", True),
    ],
)
def test_a_parameter_takes_what_it_should(name: str, value: str, allowed: bool) -> None:
    assert bool(re.fullmatch(TEMPLATE["Parameters"][name]["AllowedPattern"], value)) is allowed


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (NAMED_ONCE, []),
        ({"DatabaseCidr": "10.0.0.0/24"}, []),
        ({}, ["Set DatabaseSecurityGroupId or DatabaseCidr, or"]),
        (NAMED_ONCE | {"DatabaseCidr": "10.0.0.0/24"}, ["Set DatabaseSecurityGroupId or DatabaseCidr, not both."]),
        (NAMED_ONCE | {"AlarmEmail": "a@example.org", "AlarmTopicArn": "arn"}, ["Set AlarmEmail or AlarmTopicArn"]),
    ],
)
def test_contradictions_are_refused_before_anything_is_made(parameters: dict[str, str], said: list[str]) -> None:
    broken = Resolver(TEMPLATE, parameters, REGION).broken_rules()
    assert len(broken) == len(said)
    assert all(sentence.startswith(start) for sentence, start in zip(broken, said, strict=True))


def test_the_dispatcher_waits_for_its_way_to_the_database() -> None:
    waits_for = str(TEMPLATE["Resources"]["DispatcherService"]["Metadata"]["WayToTheDatabase"])
    rules = ("AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress")
    names = [name for name, resource in TEMPLATE["Resources"].items() if resource["Type"] in rules]
    assert len(names) == 3
    assert all(f"'{name}'" in waits_for for name in names)
