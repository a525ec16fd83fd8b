"""What the admin tells an account's administrator: a command that makes the role as it stands."""

import html
import json
import re
import shlex
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from events.models import DirectoryConnection, IdentityCenterConnection, Intake, MailConnection, SponsoringAccount
from events.models.account import AwsRoleModel
from paddock.tenancy.scope import organization_scope
from tests.admin.stage import Tenant, build_tenant, page, sign_in
from tests.deploy.cloudformation import DEPLOY, Refused, Stack

pytestmark = pytest.mark.django_db
PRINCIPAL = "arn:aws:iam::123456789012:root"
CONNECTIONS: list[type[AwsRoleModel]] = [SponsoringAccount, IdentityCenterConnection, MailConnection, Intake]


@pytest.fixture
def contoso() -> Tenant:
    tenant = build_tenant("Contoso")
    assert Intake in tenant.rows  # which makes what was missing
    return tenant


def change(tenant: Tenant, model: type[Any], **fields: Any) -> Any:
    with organization_scope(tenant.organization.pk):
        row = model.objects.get()
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
    return row


def read_page(tenant: Tenant, row: AwsRoleModel) -> str:
    return sign_in("owner", tenant.organization).get(page(row)).content.decode()


def read_block(content: str, label: str) -> str:
    match = re.search(rf'<pre[^>]*aria-label="{label}"[^>]*>(.*?)</pre>', content, re.DOTALL)
    assert match, f"no {label} on the page"
    return html.unescape(match[1])


def read_command(content: str) -> tuple[dict[str, str], dict[str, str]]:
    """The options of the command and the parameters of the stack, as a shell would take them."""
    words = shlex.split(read_block(content, "Command").replace("\\\n", " "))
    assert words[:3] == ["aws", "cloudformation", "deploy"]
    split = words.index("--parameter-overrides")
    options = dict(zip(words[3:split:2], words[4:split:2], strict=True))
    return options, dict(word.split("=", 1) for word in words[split + 1 :])


@pytest.mark.parametrize("model", CONNECTIONS)
def test_the_command_makes_the_role_of_the_connection(model: type[AwsRoleModel], contoso: Tenant) -> None:
    row = change(contoso, model, role_arn="arn:aws:iam::444455556666:role/LeagueRole", region="eu-west-1")
    content = read_page(contoso, row)
    options, parameters = read_command(content)
    stack = Stack(options["--template-file"], parameters)
    assert stack.role["RoleName"] == "LeagueRole"
    assert stack.role["AssumeRolePolicyDocument"] == json.loads(read_block(content, "Trust policy"))
    assert options["--region"] == "eu-west-1"
    assert options["--capabilities"] == "CAPABILITY_NAMED_IAM"
    assert f'"sts:ExternalId": "{row.external_id}"' in read_block(content, "Trust policy")
    assert PRINCIPAL in read_block(content, "Trust policy")


@pytest.mark.parametrize("model", CONNECTIONS)
def test_the_template_can_be_fetched_without_signing_in(model: type[AwsRoleModel], contoso: Tenant) -> None:
    content = read_page(contoso, change(contoso, model))
    (address,) = re.findall(r'href="([^"]+\.yaml)" download=', content)
    answer = Client().get(address)
    served = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert served == (DEPLOY / address.rpartition("/")[2]).read_bytes()


def test_two_organizations_never_share_a_stack(contoso: Tenant) -> None:
    fabrikam = build_tenant("Fabrikam")
    names = [
        read_command(read_page(tenant, change(tenant, MailConnection)))[0]["--stack-name"]
        for tenant in (contoso, fabrikam)
    ]
    assert len(set(names)) == 2


def test_a_role_that_has_no_arn_yet_gets_the_usual_name(contoso: Tenant) -> None:
    options, parameters = read_command(read_page(contoso, change(contoso, SponsoringAccount)))
    assert Stack(options["--template-file"], parameters).role["RoleName"] == "PaddockSponsoring"


MAIL = [
    (
        {"kind": "ses", "sender": "League <racing@contoso.example>"},
        {"Kind": "ses", "SenderAddress": "racing@contoso.example"},
    ),
    (
        {"kind": "ses", "sender": "o'hara@contoso.example", "ses_configuration_set": "league"},
        {"Kind": "ses", "SenderAddress": "o'hara@contoso.example", "ConfigurationSet": "league"},
    ),
    ({"kind": "pinpoint", "pinpoint_application_id": "0" * 32}, {"Kind": "pinpoint", "ApplicationId": "0" * 32}),
]


@pytest.mark.parametrize(("fields", "expected"), MAIL)
def test_mail_is_allowed_as_it_is_set_up(fields: dict[str, str], expected: dict[str, str], contoso: Tenant) -> None:
    _, parameters = read_command(read_page(contoso, change(contoso, MailConnection, **fields)))
    assert {name: parameters[name] for name in parameters.keys() - {"PaddockPrincipal", "ExternalId"}} == expected


@pytest.mark.parametrize("kind", DirectoryConnection.Kind.values)
def test_identity_center_is_written_to_where_it_is_the_directory(kind: str, contoso: Tenant) -> None:
    change(contoso, DirectoryConnection, kind=kind)
    account = change(contoso, SponsoringAccount)
    _, parameters = read_command(read_page(contoso, change(contoso, IdentityCenterConnection)))
    assert parameters["Directory"] == kind
    assert parameters["SponsoringAccountIds"] == account.account_id


def test_what_paddock_cannot_know_is_asked_for(contoso: Tenant) -> None:
    fields = {"kind": "deepracer_on_aws", "site_url": "https://racing.example.com"}
    content = read_page(contoso, change(contoso, SponsoringAccount, **fields))
    options, parameters = read_command(content)
    assert "They replace each" in content
    with pytest.raises(Refused, match="UserPoolId: A user pool's id looks like"):
        Stack(options["--template-file"], parameters)
    filled_in = parameters | {"UserPoolId": "eu-west-1_AbCdEfGhI", "Namespace": "league"}
    assert "cognito-idp:AdminCreateUser" in Stack(options["--template-file"], filled_in).actions


@pytest.mark.parametrize("model", CONNECTIONS)
def test_a_paddock_that_nobody_named_says_so(
    model: type[AwsRoleModel], contoso: Tenant, settings: LazySettings
) -> None:
    settings.PADDOCK_AWS_PRINCIPAL = ""
    row = change(contoso, model)
    content = read_page(contoso, row)
    assert "PADDOCK_AWS_PRINCIPAL" in content
    assert row.external_id in content
    assert "sts:AssumeRole" not in content
    assert ".yaml" not in content
