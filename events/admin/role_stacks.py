"""Which CloudFormation template makes the role of a connection, and with which parameters."""

import shlex
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from events.models import DirectoryConnection, IdentityCenterConnection, Intake, MailConnection, SponsoringAccount
from events.models.account import AwsRoleModel

# What only the account's administrator knows; the template refuses it as it stands.
FILL_IN = "FILL_IN"


@dataclass(frozen=True)
class RoleStack:
    """A stack of one of the templates in `deploy/`. Parameters that are left out keep their default."""

    template: str
    name: str
    region: str
    parameters: dict[str, str]

    @property
    def command(self) -> str:
        """What makes the stack, or brings it up to date, in a shell that is signed in to the account."""
        overrides = [shlex.quote(f"{name}={value}") for name, value in self.parameters.items()]
        return " \\\n  ".join(
            [
                "aws cloudformation deploy",
                f"--region {shlex.quote(self.region)} --stack-name {self.name}",
                f"--template-file {self.template} --capabilities CAPABILITY_NAMED_IAM",
                "--parameter-overrides",
                *overrides,
            ]
        )


def describe_stack(row: AwsRoleModel) -> RoleStack:
    kind, parameters = _choose_template(row)
    common = {"PaddockPrincipal": settings.PADDOCK_AWS_PRINCIPAL, "ExternalId": row.external_id}
    if row.role_arn:
        common["RoleName"] = row.role_arn.rpartition("/")[2]
    # Two organizations may share an account, so their stacks need names of their own.
    return RoleStack(f"{kind}.yaml", f"paddock-{kind}-{row.external_id[-8:]}", row.region, common | parameters)


def _choose_template(row: AwsRoleModel) -> tuple[str, dict[str, str]]:
    match row:
        case SponsoringAccount():
            return "sponsoring-account", _describe_account(row)
        case IdentityCenterConnection():
            return "identity-center", _describe_identity_center(row)
        case MailConnection():
            return "mail", _describe_mail(row)
        case Intake():
            return "intake", {"TableName": row.table_name}
    raise TypeError(f"No template makes the role of {row!r}.")


def _describe_account(row: SponsoringAccount) -> dict[str, str]:
    if row.kind == SponsoringAccount.Kind.MULTI_USER:
        return {"Kind": row.kind}
    return {"Kind": row.kind, "UserPoolId": FILL_IN, "Namespace": FILL_IN}


def _describe_identity_center(row: IdentityCenterConnection) -> dict[str, str]:
    accounts = SponsoringAccount.objects.filter(kind=SponsoringAccount.Kind.MULTI_USER).order_by("account_id")
    is_directory = row.directoryconnection_set.filter(kind=DirectoryConnection.Kind.IDENTITY_CENTER).exists()
    return {
        "InstanceArn": row.instance_arn,
        "IdentityStoreId": row.identity_store_id,
        "SponsoringAccountIds": ",".join(accounts.values_list("account_id", flat=True)) or FILL_IN,
        "Directory": "identity_center" if is_directory else "entra",
    }


def _describe_mail(row: MailConnection) -> dict[str, str]:
    if row.kind == MailConnection.Kind.PINPOINT:
        return {"Kind": "pinpoint", "ApplicationId": row.pinpoint_application_id}
    sender = {"Kind": "ses", "SenderAddress": parseaddr(row.sender)[1]}
    return sender | ({"ConfigurationSet": row.ses_configuration_set} if row.ses_configuration_set else {})
