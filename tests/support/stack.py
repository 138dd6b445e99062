"""``infra/template.yaml``, deployed into moto's server over HTTP.

moto's CloudFormation does not know every resource type, and ignores some properties of others. What it leaves out is
created by the service's own API (``completion.py``), from the same resolved template, so that tests examine deployed
resources only.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.support.aws import REGION
from tests.support.cloudformation import ACCOUNT, Resolver, load_template
from tests.support.completion import COMPLETED, client

TEMPLATE_PATH = Path(__file__).parents[2] / "infra" / "template.yaml"
TEMPLATE = load_template(TEMPLATE_PATH)
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/solstice-import-worker:1.0.0"
BUCKET = "artifacts"


@dataclass(frozen=True)
class Stack:
    """A deployed stack. ``ids`` are physical ids by logical id."""

    parameters: dict[str, str]
    outputs: dict[str, str]
    ids: dict[str, str]

    @property
    def stage(self) -> str:
        return self.parameters.get("Stage", "production")

    @cached_property
    def resolver(self) -> Resolver:
        return Resolver(TEMPLATE, self.parameters, REGION, self.ids.__getitem__, self.attribute)

    def attribute(self, name: str, attribute: str) -> str:
        """``GetAtt``, of the resources and attributes that the template asks for."""
        kind = f"{TEMPLATE['Resources'][name]['Type']}.{attribute}"
        return _ATTRIBUTES[kind](self.ids[name])


def _arn(service: str, resource: Callable[[str], str]) -> Callable[[str], str]:
    return lambda physical_id: f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource(physical_id)}"


_ATTRIBUTES: dict[str, Callable[[str], str]] = {
    "AWS::EC2::SecurityGroup.GroupId": lambda group_id: group_id,
    "AWS::ECS::Cluster.Arn": _arn("ecs", lambda name: f"cluster/{name}"),
    "AWS::ECS::Service.Name": lambda arn: arn.rsplit("/", 1)[-1],
    "AWS::Events::Rule.Arn": _arn("events", lambda name: f"rule/{name}"),
    "AWS::IAM::Role.Arn": lambda name: f"arn:aws:iam::{ACCOUNT}:role/{name}",
    "AWS::SQS::Queue.Arn": _arn("sqs", lambda url: url.rsplit("/", 1)[-1]),
    "AWS::SQS::Queue.QueueName": lambda url: url.rsplit("/", 1)[-1],
}
"""From physical ids. Rules are taken to be on the default bus."""


def make_surroundings() -> dict[str, str]:
    """What a deployment needs and the template does not make, made in moto; the parameters that name it."""
    ec2, secrets = client("ec2"), client("secretsmanager")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})  # without, moto's RunTask fails
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
    database = ec2.create_security_group(GroupName="database", Description="RDS Proxy", VpcId=vpc)["GroupId"]
    names = ("DatabaseUrl", "BetterAuthSecret")
    arns = [secrets.create_secret(Name=f"{vpc}/{name}", SecretString="secret")["ARN"] for name in names]
    return {
        "ImageUri": IMAGE,
        "DispatcherCount": "1",
        "VpcId": vpc,
        "PrivateSubnetIds": ",".join(subnets),
        "DatabaseSecurityGroupId": database,
        "ArtifactsBucketName": BUCKET,
        "DatabaseUrlSecretArn": arns[0],
        "BetterAuthSecretArn": arns[1],
    }


def deploy(name: str = "solstice-import", **parameters: str) -> Stack:
    """Deploys the template; parameters that are not given are made by ``surroundings``."""
    given = make_surroundings() | parameters
    cloudformation = client("cloudformation")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tried to parse", UserWarning)  # the types that are created below
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=TEMPLATE_PATH.read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        resources = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert described["StackStatus"] == "CREATE_COMPLETE"
    stack = Stack(
        given,
        {entry["OutputKey"]: entry["OutputValue"] for entry in described["Outputs"]},
        {
            entry["LogicalResourceId"]: entry["PhysicalResourceId"]
            for entry in resources
            if "PhysicalResourceId" in entry
        },
    )
    for logical_id, resource in TEMPLATE["Resources"].items():
        complete = COMPLETED.get(resource["Type"])
        if complete is not None and stack.resolver.exists(logical_id):
            complete(stack.ids.get(logical_id, ""), stack.resolver.properties(logical_id))
    return stack
