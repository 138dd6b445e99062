"""CloudFormation templates as values: parameters, conditions and functions worked out. No IO but reading the file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cfnlint.decode import decode  # type: ignore[import-untyped]

ACCOUNT = "123456789012"  # moto's
NOTHING = object()
"""What ``AWS::NoValue`` becomes; taken out of lists and objects."""

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": NOTHING,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


def load_template(path: Path) -> dict[str, Any]:
    """The template with every function in its long form."""
    template, problems = decode(str(path))
    assert not problems, problems
    assert template is not None
    return dict(template)


@dataclass(frozen=True)
class Resolver:
    """Works out a template for given parameters. ``reference`` gives a resource's ``Ref``, ``attribute`` its
    ``GetAtt``."""

    template: Mapping[str, Any]
    parameters: Mapping[str, str]
    region: str
    reference: Callable[[str], Any] = lambda name: f"<{name}>"
    attribute: Callable[[str, str], Any] = lambda name, attribute: f"<{name}.{attribute}>"

    def condition(self, name: str) -> bool:
        return bool(self.resolve(self.template["Conditions"][name]))

    def exists(self, resource: str) -> bool:
        condition = self.template["Resources"][resource].get("Condition")
        return condition is None or self.condition(condition)

    def properties(self, resource: str) -> dict[str, Any]:
        found = self.resolve(self.template["Resources"][resource]["Properties"])
        assert isinstance(found, dict)
        return found

    def broken_rules(self) -> list[str]:
        """What CloudFormation would say of these parameters before it begins."""
        assertions = [entry for rule in self.template.get("Rules", {}).values() for entry in rule["Assertions"]]
        return [entry["AssertDescription"] for entry in assertions if not self.resolve(entry["Assert"])]

    def resolve(self, value: Any) -> Any:
        if isinstance(value, dict) and len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and isinstance(argument, str)):
                return self._call(name, argument)
        if isinstance(value, dict):
            pairs = {str(key): self.resolve(entry) for key, entry in value.items()}
            return {key: entry for key, entry in pairs.items() if entry is not NOTHING}
        if isinstance(value, list):
            return [entry for entry in map(self.resolve, value) if entry is not NOTHING]
        return str(value) if isinstance(value, str) else value

    def _call(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._ref(argument)
        if name == "Condition":
            return self.condition(argument)
        if name == "Fn::If":
            condition, then, otherwise = argument
            return self.resolve(then if self.condition(condition) else otherwise)
        if name == "Fn::Sub":
            return self._substitute(argument)
        if name == "Fn::GetAtt":
            return self.attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
        return _FUNCTIONS[name](self.resolve(argument))

    def _ref(self, name: str) -> Any:
        if name == "AWS::Region":
            return self.region
        if name in _PSEUDO:
            return _PSEUDO[name]
        declared = self.template["Parameters"].get(name)
        if declared is None:
            return self.reference(name)
        given = self.parameters.get(name, declared.get("Default"))
        assert given is not None, f"the parameter {name} has no default and is not given"
        return str(given).split(",") if declared["Type"].startswith("List<") else str(given)

    def _substitute(self, argument: Any) -> str:
        text, given = (argument[0], argument[1]) if isinstance(argument, list) else (argument, {})

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in given:
                return str(self.resolve(given[name]))
            resource, dot, attribute = name.partition(".")
            return str(self.attribute(resource, attribute) if dot else self._ref(name))

        return re.sub(r"\$\{([\w:.]+)\}", value, text)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "Fn::And": all,
    "Fn::Equals": lambda pair: str(pair[0]) == str(pair[1]),
    "Fn::Join": lambda pair: pair[0].join(pair[1]),
    "Fn::Not": lambda one: not one[0],
    "Fn::Or": any,
    "Fn::Select": lambda pair: pair[1][int(pair[0])],
    "Fn::Split": lambda pair: pair[1].split(pair[0]),
}
