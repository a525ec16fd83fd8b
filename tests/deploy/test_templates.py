"""The roles that the templates make: what our adapters need, on what they need it on, for Paddock alone."""

from dataclasses import dataclass
from typing import Any

import pytest

from events.models import DirectoryConnection, MailConnection, SponsoringAccount
from events.models.account import make_external_id
from tests.deploy.calls import list_operations
from tests.deploy.cloudformation import ACCOUNT, DEPLOY, Refused, Stack, load_template

PRINCIPAL = "arn:aws:iam::123456789012:role/Paddock"
TRUST = {"PaddockPrincipal": PRINCIPAL, "ExternalId": make_external_id()}
POOL = "eu-west-1_AbCdEfGhI"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
SPONSORS = ("111111111111", "222222222222")
SENDER = "racing@contoso.example"

MULTI_USER = ("sponsoring-account.yaml", {"Kind": "multi_user"})
DEEPRACER_ON_AWS = (
    "sponsoring-account.yaml",
    {"Kind": "deepracer_on_aws", "UserPoolId": POOL, "Namespace": "league"},
)
ENTRA = (
    "identity-center.yaml",
    {"InstanceArn": INSTANCE, "IdentityStoreId": "d-1234567890", "SponsoringAccountIds": ",".join(SPONSORS)},
)
IDENTITY_CENTER = (ENTRA[0], ENTRA[1] | {"Directory": "identity_center"})
SES = ("mail.yaml", {"Kind": "ses", "SenderAddress": SENDER, "ConfigurationSet": "league"})
PINPOINT = ("mail.yaml", {"Kind": "pinpoint", "ApplicationId": "0123456789abcdef0123456789abcdef"})
INTAKE = ("intake.yaml", {"TableName": "portal-registrations"})
INTAKE_WITH_KEY = (
    INTAKE[0],
    INTAKE[1] | {"KeyArn": "arn:aws:kms:us-east-1:444455556666:key/00000000-0000-4000-8000-000000000000"},
)
STACKS = {
    "multi-user": MULTI_USER,
    "deepracer-on-aws": DEEPRACER_ON_AWS,
    "entra": ENTRA,
    "identity-center": IDENTITY_CENTER,
    "ses": SES,
    "pinpoint": PINPOINT,
    "intake": INTAKE,
    "intake-with-key": INTAKE_WITH_KEY,
}


def make_stack(which: tuple[str, dict[str, str]], **parameters: str) -> Stack:
    name, own = which
    return Stack(name, TRUST | own | parameters)


def build(name: str) -> Stack:
    return make_stack(STACKS[name])


# What they call.


@dataclass(frozen=True)
class Calls:
    """`extra` are actions that no name in the code tells of, with the reason in a comment beside each."""

    stack: str
    services: dict[tuple[str, str], str]  # (folder, botocore's service) -> IAM's prefix
    extra: frozenset[str] = frozenset()
    unsigned: frozenset[str] = frozenset()  # calls that IAM is not asked about
    models: str = ""


CALLS = [
    Calls(
        "multi-user",
        {("racing/multi_user", "deepracer"): "deepracer"},
        models="racing/multi_user/models",
    ),
    Calls(
        "deepracer-on-aws",
        {
            ("racing/deepracer_on_aws", "cognito-idp"): "cognito-idp",
            ("racing/deepracer_on_aws", "sagemaker"): "sagemaker",
            ("racing/deepracer_on_aws", "dynamodb"): "dynamodb",
        },
        # Signing in as the deployment's own administrator needs no role.
        unsigned=frozenset({"cognito-idp:InitiateAuth", "cognito-idp:RespondToAuthChallenge"}),
    ),
    Calls(
        "identity-center",
        {
            ("directories/identity_center", "identitystore"): "identitystore",
            ("directories/identity_center", "sso-admin"): "sso",
        },
        # An ended event's group loses its way into the account.
        frozenset({"sso:DeleteAccountAssignment", "sso:DescribeAccountAssignmentDeletionStatus"}),
    ),
    Calls(
        "ses",
        {("mail", "sesv2"): "ses"},
        frozenset(
            {
                "ses:SendEmail",  # called by django-anymail
                "ses:SendRawEmail",  # asked for besides when the message is a raw one
                "ses:GetEmailIdentity",  # whether the sender is verified
                "ses:GetAccount",  # and may send to everybody
            }
        ),
    ),
    Calls(
        "pinpoint",
        {("mail/pinpoint", "pinpoint"): "mobiletargeting"},
        frozenset({"ses:GetEmailIdentity", "ses:GetAccount"}),  # Pinpoint sends from identities of SES
    ),
    Calls(
        "intake",
        {
            ("intake/dynamodb", "dynamodb"): "dynamodb",
            ("intake/dynamodb", "dynamodbstreams"): "dynamodb",  # IAM knows one service
        },
    ),
]


@pytest.mark.parametrize("calls", CALLS, ids=lambda calls: calls.stack)
def test_a_role_allows_what_the_adapter_calls_and_nothing_more(calls: Calls) -> None:
    called = {
        f"{prefix}:{operation}"
        for (folder, service), prefix in calls.services.items()
        for operation in list_operations(folder, service, models=calls.models)
    }
    assert build(calls.stack).actions == (called - calls.unsigned) | calls.extra


def test_people_of_entra_are_only_read() -> None:
    written = build("identity-center").actions - build("entra").actions
    assert written == {
        "identitystore:CreateGroup",
        "identitystore:CreateGroupMembership",
        "identitystore:CreateUser",
        "identitystore:DeleteGroupMembership",
        "identitystore:GetGroupMembershipId",
    }


# On what.

# AWS offers no resource for these.
EVERYWHERE = {
    "deepracer:AdminGetAccountConfig",
    "deepracer:AdminListAssociatedResources",
    "deepracer:AdminListAssociatedUsers",
    "deepracer:AdminManageUser",
    "deepracer:AdminSetAccountConfig",
    "deepracer:CreateLeaderboard",
    "deepracer:ListLeaderboards",
    "deepracer:ListTracks",
    "ses:GetAccount",
}


@pytest.mark.parametrize("name", STACKS)
def test_wildcards_are_the_documented_ones(name: str) -> None:
    for statement in build(name).statements:
        assert not any("*" in action for action in statement.actions)
        assert ("*" in statement.resources) == (set(statement.actions) <= EVERYWHERE)


PERMISSION_SET = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
FOREIGN_SET = "arn:aws:sso:::permissionSet/ssoins-fedcba0987654321/ps-1234567890abcdef"
MODEL = f"arn:aws:deepracer:us-east-1:{ACCOUNT}:model/reinforcement_learning/a"
POOLS = f"arn:aws:cognito-idp:eu-west-1:{ACCOUNT}:userpool"
JOBS = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:training-job"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table"
IDENTITY = f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/contoso.example"
APPLICATIONS = f"arn:aws:mobiletargeting:us-east-1:{ACCOUNT}:apps"
PORTAL = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/portal-registrations"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"
VIA_DYNAMODB = "dynamodb.us-east-1.amazonaws.com"
STORE = "arn:aws:identitystore::999999999999:identitystore"

RESOURCES = [
    ("multi-user", "deepracer:DeleteModel", MODEL, True),
    ("multi-user", "deepracer:DeleteModel", MODEL.replace(ACCOUNT, SPONSORS[0]), False),
    ("multi-user", "deepracer:StopTrainingReinforcementLearningModel", MODEL, True),
    ("multi-user", "deepracer:StopEvaluation", f"arn:aws:deepracer:us-east-1:{ACCOUNT}:evaluation_job/a", True),
    ("multi-user", "deepracer:EditLeaderboard", "arn:aws:deepracer:us-east-1::leaderboard/a", True),
    ("multi-user", "deepracer:EditLeaderboard", f"arn:aws:deepracer::{ACCOUNT}:leaderboard/a", True),
    ("multi-user", "deepracer:EditLeaderboard", f"arn:aws:deepracer::{SPONSORS[0]}:leaderboard/a", False),
    ("multi-user", "deepracer:AdminManageUser", "*", True),
    ("multi-user", "cognito-idp:AdminCreateUser", f"{POOLS}/{POOL}", False),
    ("deepracer-on-aws", "deepracer:AdminManageUser", "*", False),
    ("deepracer-on-aws", "cognito-idp:AdminCreateUser", f"{POOLS}/{POOL}", True),
    ("deepracer-on-aws", "cognito-idp:AdminCreateUser", f"{POOLS}/eu-west-1_Other", False),
    ("deepracer-on-aws", "cognito-idp:AdminCreateUser", f"{POOLS.replace('eu-west', 'us-east')}/{POOL}", False),
    ("deepracer-on-aws", "sagemaker:StopTrainingJob", f"{JOBS}/deepracerindy-training-a", True),
    ("deepracer-on-aws", "sagemaker:StopTrainingJob", f"{JOBS}/deepracerindy-evaluation-a", True),
    ("deepracer-on-aws", "sagemaker:StopTrainingJob", f"{JOBS}/forecast", False),
    ("deepracer-on-aws", "dynamodb:Query", f"{TABLE}/league-DeepRacerIndy.Main", True),
    ("deepracer-on-aws", "dynamodb:Query", f"{TABLE}/other-DeepRacerIndy.Main", False),
    ("entra", "sso:ListPermissionSets", INSTANCE, True),
    ("entra", "sso:ListPermissionSets", INSTANCE.replace("1", "2"), False),
    ("entra", "sso:AttachManagedPolicyToPermissionSet", PERMISSION_SET, True),
    ("entra", "sso:AttachManagedPolicyToPermissionSet", FOREIGN_SET, False),
    *(
        ("entra", f"sso:{verb}AccountAssignment", resource, ok)
        for verb in ("Create", "Delete")
        for resource, ok in (
            (INSTANCE, True),
            (PERMISSION_SET, True),
            (FOREIGN_SET, False),
            (f"arn:aws:sso:::account/{SPONSORS[0]}", True),
            (f"arn:aws:sso:::account/{SPONSORS[1]}", True),
            (f"arn:aws:sso:::account/{ACCOUNT}", False),
        )
    ),
    ("entra", "sso:ProvisionPermissionSet", PERMISSION_SET, True),
    ("entra", "sso:ProvisionPermissionSet", f"arn:aws:sso:::account/{SPONSORS[0]}", True),
    ("entra", "identitystore:ListUsers", f"{STORE}/d-1234567890", True),
    ("entra", "identitystore:ListUsers", f"{STORE}/d-0987654321", False),
    ("entra", "identitystore:ListUsers", "arn:aws:identitystore:::user/a", True),
    ("entra", "identitystore:IsMemberInGroups", "arn:aws:identitystore:::membership/a", True),
    ("identity-center", "identitystore:CreateGroupMembership", "arn:aws:identitystore:::group/a", True),
    ("pinpoint", "mobiletargeting:SendMessages", f"{APPLICATIONS}/0123456789abcdef0123456789abcdef/messages", True),
    ("pinpoint", "mobiletargeting:SendMessages", f"{APPLICATIONS}/fedcba9876543210fedcba9876543210/messages", False),
    ("pinpoint", "ses:SendEmail", IDENTITY, False),
    ("ses", "ses:GetEmailIdentity", IDENTITY, True),
    ("ses", "ses:GetAccount", "*", True),
    ("ses", "ses:SendEmail", IDENTITY, True),
    ("ses", "ses:SendRawEmail", IDENTITY, True),
    ("ses", "ses:SendEmail", IDENTITY.replace(ACCOUNT, SPONSORS[0]), False),
    ("ses", "ses:SendEmail", f"arn:aws:ses:us-east-1:{ACCOUNT}:configuration-set/league", True),
    ("ses", "ses:SendEmail", f"arn:aws:ses:us-east-1:{ACCOUNT}:configuration-set/other", False),
    ("ses", "mobiletargeting:SendMessages", f"{APPLICATIONS}//messages", False),
    ("intake", "dynamodb:Scan", f"{PORTAL}", True),
    ("intake", "dynamodb:Scan", f"{PORTAL}-of-others", False),
    ("intake", "dynamodb:Scan", PORTAL.replace(ACCOUNT, SPONSORS[0]), False),
    ("intake", "dynamodb:Scan", PORTAL.replace("us-east-1", "eu-west-1"), False),
    ("intake", "dynamodb:GetRecords", f"{PORTAL}/stream/2026-11-28T14:51:19.680", True),
    ("intake", "dynamodb:GetRecords", f"{PORTAL}-of-others/stream/2026-11-28T14:51:19.680", False),
    ("intake", "dynamodb:PutItem", PORTAL, False),
    ("intake", "kms:Decrypt", KEY, False),
    ("intake-with-key", "kms:Decrypt", KEY, True),
    ("intake-with-key", "kms:Decrypt", KEY.replace("0", "1"), False),
]


CONTEXT = {"ses:FromAddress": SENDER, "kms:ViaService": VIA_DYNAMODB}


@pytest.mark.parametrize(("name", "action", "resource", "allowed"), RESOURCES)
def test_a_role_reaches_its_own_things_alone(name: str, action: str, resource: str, allowed: bool) -> None:
    assert build(name).allows(action, resource, CONTEXT) is allowed


def test_mail_leaves_from_the_sender_alone() -> None:
    for address in ("ceo@contoso.example", "Racing@contoso.example"):
        assert not build("ses").allows("ses:SendRawEmail", IDENTITY, {"ses:FromAddress": address})


def test_a_mail_role_without_a_configuration_set_names_none() -> None:
    (statement,) = (each for each in make_stack(SES, ConfigurationSet="").statements if "ses:SendEmail" in each.actions)
    assert statement.resources == [f"arn:aws:ses:us-east-1:{ACCOUNT}:identity/*"]


# Actions of DeepRacer that know no condition; all others know whether a racer's token came along.
WITHOUT_CONDITION_KEYS = {action for action in EVERYWHERE if "Admin" in action} | {"deepracer:ListTracks"}


def test_paddock_is_never_a_racer() -> None:
    for statement in build("multi-user").statements:
        bare = set(statement.actions) <= WITHOUT_CONDITION_KEYS
        assert statement.conditions == ({} if bare else {"Null": {"deepracer:UserToken": "true"}})
    assert not build("multi-user").allows("deepracer:DeleteModel", MODEL, {"deepracer:UserToken": "a racer's"})


# For whom.


@pytest.mark.parametrize("name", STACKS)
def test_paddock_alone_gets_in_with_its_external_id(name: str) -> None:
    role = build(name).role
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": PRINCIPAL},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": TRUST["ExternalId"]}},
        }
    ]
    assert role["MaxSessionDuration"] == 3600


@pytest.mark.parametrize("name", STACKS)
def test_a_role_has_no_policies_but_those_that_are_tested(name: str) -> None:
    stack = build(name)
    assert stack.role.keys() == {"RoleName", "Description", "MaxSessionDuration", "AssumeRolePolicyDocument", "Tags"}
    types = {resource["Type"] for resource in stack.template["Resources"].values()}
    assert types == {"AWS::IAM::Role", "AWS::IAM::RolePolicy"}
    assert stack.template["Outputs"]["RoleArn"]["Value"] == {"Fn::GetAtt": "Role.Arn"}


# Parameters.

REFUSED: list[tuple[tuple[str, dict[str, str]], dict[str, str]]] = [
    (MULTI_USER, {"ExternalId": ""}),
    (MULTI_USER, {"ExternalId": "paddock"}),
    (MULTI_USER, {"ExternalId": TRUST["ExternalId"] + "0"}),
    (MULTI_USER, {"PaddockPrincipal": "*"}),
    (MULTI_USER, {"PaddockPrincipal": "arn:aws:iam::*:root"}),
    (MULTI_USER, {"PaddockPrincipal": "arn:aws:sts::123456789012:assumed-role/Paddock/web"}),
    (MULTI_USER, {"Kind": "league"}),
    (MULTI_USER, {"RoleName": "Paddock/Sponsoring"}),
    (DEEPRACER_ON_AWS, {"UserPoolId": ""}),
    (DEEPRACER_ON_AWS, {"UserPoolId": "FILL_IN"}),
    (DEEPRACER_ON_AWS, {"UserPoolId": f"{POOL}/*"}),
    (DEEPRACER_ON_AWS, {"Namespace": "FILL_IN"}),
    (DEEPRACER_ON_AWS, {"Namespace": "*"}),
    (ENTRA, {"SponsoringAccountIds": "FILL_IN"}),
    (ENTRA, {"SponsoringAccountIds": ""}),
    (ENTRA, {"SponsoringAccountIds": "111111111111,*"}),
    (ENTRA, {"InstanceArn": "arn:aws:sso:::instance/*"}),
    (ENTRA, {"IdentityStoreId": "*"}),
    (ENTRA, {"Directory": "okta"}),
    (SES, {"SenderAddress": ""}),
    (SES, {"SenderAddress": f"Racing League <{SENDER}>"}),
    (SES, {"ConfigurationSet": "*"}),
    (PINPOINT, {"ApplicationId": ""}),
    (PINPOINT, {"ApplicationId": "*"}),
    (INTAKE, {"TableName": ""}),
    (INTAKE, {"TableName": "*"}),
    (INTAKE, {"KeyArn": "*"}),
]


@pytest.mark.parametrize(("which", "parameters"), REFUSED)
def test_a_wrong_parameter_is_refused(which: tuple[str, dict[str, str]], parameters: dict[str, str]) -> None:
    with pytest.raises(Refused):
        make_stack(which, **parameters)


@pytest.mark.parametrize(
    ("template", "parameter", "values"),
    [
        ("sponsoring-account.yaml", "Kind", SponsoringAccount.Kind.values),
        ("identity-center.yaml", "Directory", DirectoryConnection.Kind.values),
        ("mail.yaml", "Kind", [kind for kind in MailConnection.Kind.values if kind != "smtp"]),
    ],
)
def test_choices_are_those_of_the_connections(template: str, parameter: str, values: list[str]) -> None:
    assert sorted(load_template(template)["Parameters"][parameter]["AllowedValues"]) == sorted(values)


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*.yaml")), ids=lambda path: path.stem)
def test_parameters_are_explained(path: Any) -> None:
    template = load_template(path.name)
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"]) == sorted(interface["ParameterLabels"])
    for declaration in template["Parameters"].values():
        assert declaration["Description"].endswith(".")
        assert "AllowedPattern" not in declaration or declaration["ConstraintDescription"].endswith(".")
