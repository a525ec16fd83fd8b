"""Who signs in to the demonstration. Passwords follow from the deployment's own key: no two machines share one."""

import base64
import hashlib
import hmac
from dataclasses import asdict, dataclass

from django.conf import settings

from paddock.accounts.models import User
from paddock.tenancy.models import Membership, Organization


@dataclass(frozen=True)
class Account:
    role: str
    organization: str | None
    email: str
    password: str

    def as_dict(self) -> dict[str, str | None]:
        return asdict(self)


def ensure_operator() -> Account:
    account = _name_account("operator", None, "operator@paddock.example")
    user = _ensure_user(account)
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    return account


def ensure_members(organization: Organization) -> list[Account]:
    """One account for each role. Runs inside the organization's scope."""
    accounts = []
    for role in (Membership.Role.OWNER, Membership.Role.ORGANIZER, Membership.Role.VIEWER):
        account = _name_account(role.value, organization.slug, f"{role.value}@{organization.slug}.example")
        Membership.objects.get_or_create(organization=organization, user=_ensure_user(account), defaults={"role": role})
        accounts.append(account)
    return accounts


def _name_account(role: str, organization: str | None, email: str) -> Account:
    digest = hmac.digest(settings.SECRET_KEY.encode(), email.encode(), hashlib.sha256)
    return Account(role, organization, email, base64.b32encode(digest)[:16].decode().lower())


def _ensure_user(account: Account) -> User:
    user = User.objects.filter(login=account.email).first() or User(login=account.email, email=account.email)
    if not user.pk or not user.check_password(account.password):
        user.set_password(account.password)
        user.save()
    return user
