"""What moto's CloudFormation leaves out of a stack, created by the services' own APIs."""

import json
from collections.abc import Callable
from typing import Any

import boto3

Properties = dict[str, Any]


def client(service: str) -> Any:
    """A client that finds moto's server by the environment."""
    create: Callable[..., Any] = boto3.client
    return create(service)


def api_names(properties: Any) -> Any:
    """Properties of a template as ECS's API names them: the same names, the first letter small."""
    if isinstance(properties, list):
        return [api_names(entry) for entry in properties]
    if not isinstance(properties, dict):
        return properties
    return {
        key[0].lower() + key[1:]: value if key == "Options" else api_names(value) for key, value in properties.items()
    }


def _alarm(_: str, properties: Properties) -> None:
    client("cloudwatch").put_metric_alarm(**properties)


def _queue_policy(_: str, properties: Properties) -> None:
    for url in properties["Queues"]:
        policy = json.dumps(properties["PolicyDocument"])
        client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _topic_policy(_: str, properties: Properties) -> None:
    for arn in properties["Topics"]:
        policy = json.dumps(properties["PolicyDocument"])
        client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _role(name: str, properties: Properties) -> None:
    """moto has the role, but with a hole where a condition left a statement out."""
    for policy in properties["Policies"]:
        document = json.dumps(policy["PolicyDocument"])
        client("iam").put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)


def _security_group(group_id: str, properties: Properties) -> None:
    """moto has the group, but lets everything out of it."""
    (group,) = client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    client("ec2").revoke_security_group_egress(GroupId=group_id, IpPermissions=group["IpPermissionsEgress"])
    for rule in properties["SecurityGroupEgress"]:
        _egress("", rule | {"GroupId": group_id})


def _egress(_: str, properties: Properties) -> None:
    permission = _permission(properties, properties.get("DestinationSecurityGroupId"))
    client("ec2").authorize_security_group_egress(GroupId=properties["GroupId"], IpPermissions=[permission])


def _ingress(_: str, properties: Properties) -> None:
    permission = _permission(properties, properties["SourceSecurityGroupId"])
    client("ec2").authorize_security_group_ingress(GroupId=properties["GroupId"], IpPermissions=[permission])


def _permission(rule: Properties, group_id: str | None) -> Properties:
    permission = {"IpProtocol": rule["IpProtocol"], "FromPort": int(rule["FromPort"]), "ToPort": int(rule["ToPort"])}
    if group_id is None:
        return permission | {"IpRanges": [{"CidrIp": rule["CidrIp"]}]}
    return permission | {"UserIdGroupPairs": [{"GroupId": group_id}]}


def _task_definition(_: str, properties: Properties) -> None:
    """moto has the containers; this revision has the rest, too."""
    client("ecs").register_task_definition(**api_names(properties))


def _service(_: str, properties: Properties) -> None:
    """moto has the service, but in no network and with another launch type."""
    wanted = api_names(properties)
    client("ecs").delete_service(cluster=wanted["cluster"], service=wanted["serviceName"], force=True)
    family = wanted["taskDefinition"].rsplit("/", 1)[-1].split(":")[0]
    wanted |= {"desiredCount": int(wanted["desiredCount"]), "taskDefinition": family}
    client("ecs").create_service(**wanted)


COMPLETED: dict[str, Callable[[str, Properties], None]] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::SecurityGroupEgress": _egress,
    "AWS::EC2::SecurityGroupIngress": _ingress,
    "AWS::ECS::Service": _service,
    "AWS::ECS::TaskDefinition": _task_definition,
    "AWS::IAM::Role": _role,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::QueuePolicy": _queue_policy,
}
"""By resource type: takes the physical id (empty where moto has none) and the properties, worked out."""
