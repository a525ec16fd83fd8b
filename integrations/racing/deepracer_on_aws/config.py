"""Which deployment of DeepRacer on AWS, and how it is reached."""

from dataclasses import dataclass, field

from integrations.aws import AwsAccess
from integrations.errors import IntegrationError


@dataclass(frozen=True)
class DeepRacerOnAwsConfig:
    """Region, user pool, API and table are not asked for: the site tells them.

    `admin_email` and `admin_password` belong to a user in the deployment's group dr-admins that is Paddock's alone:
    with them Paddock calls the REST API. `access` is a role in the account itself; its region gives way to the
    deployment's. Either may be missing, and what it is needed for is missing with it.
    """

    site_url: str
    admin_email: str = ""
    admin_password: str = field(default="", repr=False)
    access: AwsAccess | None = None

    @property
    def signs_in(self) -> bool:
        return bool(self.admin_email and self.admin_password)


def missing_sign_in() -> IntegrationError:
    return IntegrationError(
        "This needs the deployment's API. Fill in the administrator's e-mail and password in the sponsoring account: "
        "a user of the deployment in the group dr-admins.",
        permanent=True,
        code="NotConfigured",
    )


def missing_role() -> IntegrationError:
    return IntegrationError(
        "This needs a role in the account of the deployment. Fill in the role ARN in the sponsoring account.",
        permanent=True,
        code="NotConfigured",
    )
