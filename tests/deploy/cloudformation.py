"""As much of CloudFormation as the templates in `deploy/` use: what a stack with given parameters comes to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ACCOUNT = "444455556666"
PSEUDO_PARAMETERS = {"AWS::AccountId": ACCOUNT, "AWS::Region": "us-east-1", "AWS::Partition": "aws"}
NO_VALUE = object()


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, as the long form that they stand for."""


def _read_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _read_tag)


def load_template(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load((DEPLOY / name).read_text(encoding="ascii"), _Loader)  # noqa: S506
    return document


class Refused(Exception):
    """CloudFormation would not make this stack."""


class Stack:
    """What a template makes of `parameters`. Raises Refused where a constraint or a rule is not met."""

    def __init__(self, name: str, parameters: Mapping[str, str]) -> None:
        self.template = load_template(name)
        self._parameters = self._accept(parameters)
        self._values: dict[str, Any] = PSEUDO_PARAMETERS | self._parameters | {"AWS::NoValue": NO_VALUE}
        self._check_rules()

    def _accept(self, given: Mapping[str, str]) -> dict[str, Any]:
        declared = self.template["Parameters"]
        if unknown := given.keys() - declared.keys():
            raise Refused(f"no such parameters: {unknown}")
        return {name: _accept_one(name, declaration, given) for name, declaration in declared.items()}

    def _check_rules(self) -> None:
        for rule in self.template.get("Rules", {}).values():
            if self._resolve(rule["RuleCondition"]):
                for assertion in rule["Assertions"]:
                    if not self._resolve(assertion["Assert"]):
                        raise Refused(assertion["AssertDescription"])

    def list_resources(self, type_: str) -> list[dict[str, Any]]:
        """The resolved properties of the resources of a type that the conditions let be."""
        return [
            self._resolve(resource["Properties"])
            for resource in self.template["Resources"].values()
            if resource["Type"] == type_ and self._holds(resource.get("Condition"))
        ]

    @property
    def role(self) -> dict[str, Any]:
        (role,) = self.list_resources("AWS::IAM::Role")
        return role

    @property
    def statements(self) -> list["Statement"]:
        """Everything that the role allows."""
        policies = self.list_resources("AWS::IAM::RolePolicy")
        return [Statement.read(each) for policy in policies for each in policy["PolicyDocument"]["Statement"]]

    @property
    def actions(self) -> set[str]:
        return {action for statement in self.statements for action in statement.actions}

    def allows(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        return any(statement.allows(action, resource, context) for statement in self.statements)

    def _holds(self, condition: str | None) -> bool:
        return condition is None or bool(self._resolve(self.template["Conditions"][condition]))

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (function := next(iter(value))) in {"Ref", "Fn::Sub", "Fn::If"} | _FUNCTIONS.keys():
            return self._call(function, value[function])
        return {name: self._resolve(item) for name, item in value.items()}

    def _call(self, function: str, argument: Any) -> Any:
        match function:
            case "Ref":
                return self._values.get(argument, argument)
            case "Fn::Sub":
                text, extra = (argument, {}) if isinstance(argument, str) else (argument[0], self._resolve(argument[1]))
                return re.sub(r"\$\{([\w:]+)\}", lambda match: str((self._values | extra)[match[1]]), text)
            case "Fn::If":
                return self._resolve(argument[1] if self._holds(argument[0]) else argument[2])
        return _FUNCTIONS[function](*self._resolve(argument))


_FUNCTIONS = {
    "Fn::Equals": lambda one, other: one == other,
    "Fn::Not": lambda condition: not condition,
    "Fn::Join": lambda separator, parts: separator.join(parts),
    "Fn::Split": lambda separator, text: text.split(separator),
    "Fn::Select": lambda index, items: items[index],
}


def _accept_one(name: str, declaration: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    value = given.get(name, declaration.get("Default"))
    if value is None:
        raise Refused(f"{name} is missing")
    parts = value.split(",") if declaration["Type"] == "CommaDelimitedList" else [value]
    for part in parts:
        if not re.search(declaration.get("AllowedPattern", ""), part):
            raise Refused(f"{name}: {declaration['ConstraintDescription']}")
    if value not in declaration.get("AllowedValues", [value]):
        raise Refused(f"{name} is none of {declaration['AllowedValues']}")
    if not declaration.get("MinLength", 0) <= len(value) <= declaration.get("MaxLength", 4096):
        raise Refused(f"{name} has {len(value)} characters")
    return parts if declaration["Type"] == "CommaDelimitedList" else value


@dataclass(frozen=True)
class Statement:
    actions: list[str]
    resources: list[str]
    conditions: dict[str, dict[str, str]]

    @classmethod
    def read(cls, statement: Mapping[str, Any]) -> "Statement":
        assert statement["Effect"] == "Allow"
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        return cls(_listed(statement["Action"]), _listed(statement["Resource"]), statement.get("Condition", {}))

    def allows(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        return (
            action in self.actions
            and any(fnmatchcase(resource, pattern) for pattern in self.resources)
            and all(_CONDITIONS[operator](keys, context) for operator, keys in self.conditions.items())
        )


_CONDITIONS = {
    "Null": lambda keys, context: all((name not in context) == (value == "true") for name, value in keys.items()),
    "StringEquals": lambda keys, context: all(context.get(name) == value for name, value in keys.items()),
}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
