"""What names no tenant in allauth's tables leads to one, and to no other."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from paddock.accounts.models import User
from paddock.sso.adapters import SingleSignOnAdapter
from paddock.sso.identities import find_identity
from paddock.sso.models import IdentityProvider
from paddock.tenancy.scope import organization_scope
from tests.sso.stage import connect
from tests.support.single_sign_on import join

pytestmark = pytest.mark.django_db


def test_an_account_is_of_its_provider_s_organization_in_whosever_scope() -> None:
    provider, foreign = connect(), connect("Fabrikam")
    user, other = join(provider, "ann@contoso.example"), join(foreign, "fay@fabrikam.example")
    for scope in (provider.organization_id, foreign.organization_id):
        with organization_scope(scope):
            found = [find_identity(user), find_identity(other)]
            assert [each.organization for each in found if each] == [provider.organization, foreign.organization]
            assert IdentityProvider.objects.get().organization_id == scope


def test_a_key_is_one_tenant_s() -> None:
    provider, foreign = connect(), connect("Fabrikam")
    with pytest.raises(IntegrityError), transaction.atomic(), organization_scope(foreign.organization_id):
        IdentityProvider.objects.update(key=provider.key)
    apps = SingleSignOnAdapter().list_apps(None, provider=provider.key)
    assert [app.provider_row for app in apps] == [provider]
    assert SingleSignOnAdapter().list_apps(None) == []


def test_the_same_subject_at_another_key_is_another_account() -> None:
    provider, foreign = connect(issuer="https://idp.example"), connect("Fabrikam", issuer="https://idp.example")
    with organization_scope(foreign.organization_id):
        IdentityProvider.objects.update(domains=["contoso.example"])
    foreign.domains = ["contoso.example"]
    first, second = join(provider, "ann@contoso.example"), join(foreign, "ann@contoso.example")
    assert first != second
    assert SocialAccount.objects.count() == User.objects.count() == 2
    assert join(provider, "ann@contoso.example") == first


def test_another_issuer_brings_other_people() -> None:
    provider = connect(issuer="https://idp.example")
    first = join(provider, "ann@contoso.example")
    provider.issuer = "https://another.example"
    assert join(provider, "ann@contoso.example") != first


def test_nobody_of_a_provider_becomes_an_operator() -> None:
    user = join(connect(), "ann@contoso.example")
    with pytest.raises(IntegrityError, match="only_local_accounts_operate"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_superuser=True)
