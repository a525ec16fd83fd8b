"""Puts tenants, Identity Center instances, roles, senders and people in; running it twice changes nothing more."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from integrations.sandbox.aws.accounts import Portal
from integrations.sandbox.aws.identities import IdentityStore
from integrations.sandbox.aws.pinpoint import put_application
from integrations.sandbox.aws.portal_tables import put_portal_table
from integrations.sandbox.aws.senders import verify_sender
from integrations.sandbox.aws.sso_admin import put_instance
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.seeding import InvalidDeploymentError, put_deployment
from integrations.sandbox.graph.store import SyncJob, SyncTarget, Tenant, User
from integrations.sandbox.racing.seeds import put_multi_user
from integrations.sandbox.sign_on.providers import put_provider

Section = list[Mapping[str, Any]]

_SECTIONS = frozenset(
    {
        *("entra", "identity_center", "roles", "senders", "pinpoint", "suppressed"),
        *("multi_user", "deepracer_on_aws", "saml", "tables"),
    }
)
_DEFAULT_PORTAL = "/start/"
_PORTAL_PATH = re.compile(r"^/start/(?:[\w-]+/)?$")


class InvalidSeedError(ValueError):
    """A section or field that is unknown, missing or malformed; the text names it."""


def apply_seed(cloud: Cloud, seed: Mapping[str, Any]) -> None:
    """Raises InvalidSeedError. Sections before the faulty one stay applied, so mend the seed and send it again."""
    if unknown := set(seed) - _SECTIONS:
        raise InvalidSeedError(f"There is no section '{min(unknown)}'. Sections: {', '.join(sorted(_SECTIONS))}.")
    for section, put in (
        ("identity_center", _put_identity_center),
        ("entra", _put_tenant),
        ("roles", _put_role),
        ("senders", _put_sender),
        ("pinpoint", _put_application),
        ("multi_user", put_multi_user),
        ("deepracer_on_aws", put_deployment),
        ("saml", _put_saml),
        ("tables", put_portal_table),
    ):
        for position, entry in enumerate(seed.get(section, [])):
            try:
                put(cloud, entry)
            except KeyError as error:
                raise InvalidSeedError(f"{section}[{position}] lacks the field {error}.") from error
            except InvalidDeploymentError as error:
                raise InvalidSeedError(str(error)) from error
    cloud.mailbox.suppressed |= {str(address).lower() for address in seed.get("suppressed", [])}


def _put_saml(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    put_provider(cloud.saml, entry)


def _put_tenant(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    tenant = cloud.tenants.get(entry["tenant_id"]) or _new_tenant(cloud, entry)
    tenant.client_id = entry["client_id"]
    tenant.service_principal_id = entry["service_principal_id"]
    tenant.job_id = entry["job_id"]
    tenant.client_secret = entry.get("client_secret", tenant.client_secret)
    tenant.expired_secrets |= set(entry.get("expired_secrets", []))
    tenant.certificate = entry.get("certificate", tenant.certificate)
    tenant.federated_subject = entry.get("federated_subject", tenant.federated_subject)
    tenant.domains |= {domain.lower() for domain in entry.get("domains", [])}
    if target := entry.get("identity_center"):
        tenant.target = SyncTarget(target["account_id"], target["region"], target["identity_store_id"])
        _put_store(cloud, tenant.target.identity_store_id, tenant.target.account_id, tenant.target.region)
    for person in entry.get("people", []):
        _put_person(cloud, tenant, person)
    cloud.tenants[tenant.tenant_id] = tenant


def _new_tenant(cloud: Cloud, entry: Mapping[str, Any]) -> Tenant:
    now = cloud.now()
    job = SyncJob(began_at=now, ended_at=now, next_at=now + cloud.knobs.sync_interval_seconds)
    return Tenant(
        tenant_id=entry["tenant_id"],
        client_id=entry["client_id"],
        service_principal_id=entry["service_principal_id"],
        job_id=entry["job_id"],
        job=job,
    )


def _put_person(cloud: Cloud, tenant: Tenant, person: Mapping[str, Any]) -> None:
    """Names may be null, for people whom Identity Center will refuse."""
    mail = person["mail"]
    existing = tenant.find_user(mail)
    given_name, surname = person.get("given_name"), person.get("family_name")
    display_name = " ".join(name for name in (given_name, surname) if name) or mail.partition("@")[0]
    if existing is not None:
        existing.given_name, existing.surname, existing.display_name = given_name, surname, display_name
        return
    user_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant.tenant_id}/{mail.lower()}"))
    tenant.put_user(User(user_id, mail, mail, given_name, surname, display_name, created_at=0.0))


def _put_identity_center(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    account_id, region = entry["account_id"], entry["region"]
    instance_arn, identity_store_id = entry["instance_arn"], entry["identity_store_id"]
    path = "/" + str(entry.get("portal_path", _DEFAULT_PORTAL)).strip("/") + "/"
    if not _PORTAL_PATH.match(path):
        raise InvalidSeedError(f"'{path}' is no portal path: it must be /start/ or /start/<name>/.")
    put_instance(account_id, region, instance_arn=instance_arn, identity_store_id=identity_store_id)
    others = cloud.aws.portals.values()  # an account has one instance a region, so a new one takes the old one's place
    kept = [p for p in others if (p.account_id, p.region) != (account_id, region)]
    cloud.aws.portals = {portal.instance_arn: portal for portal in kept}
    cloud.aws.portals[instance_arn] = Portal(account_id, region, instance_arn, identity_store_id, path)
    if accounts := entry.get("accounts"):
        cloud.aws.member_accounts[instance_arn] = set(accounts)
    store = _put_store(cloud, identity_store_id, account_id, region)
    for person in entry.get("people", []):
        if store.find_user(person["mail"]) is None:
            store.create_user(_user_attributes(person))


def _put_store(cloud: Cloud, identity_store_id: str, account_id: str, region: str) -> IdentityStore:
    stores = cloud.aws.identity_stores
    return stores.setdefault(identity_store_id, IdentityStore(identity_store_id, account_id, region))


def _user_attributes(person: Mapping[str, Any]) -> dict[str, Any]:
    mail, given_name, family_name = person["mail"], person["given_name"], person["family_name"]
    return {
        "UserName": mail,
        "DisplayName": f"{given_name} {family_name}",
        "Name": {"GivenName": given_name, "FamilyName": family_name},
        "Emails": [{"Value": mail, "Type": "work", "Primary": True}],
    }


def _put_role(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    cloud.aws.roles[entry["arn"]] = entry["external_id"]


def _put_sender(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    verify_sender(entry["account_id"], entry["region"], entry["email"])


def _put_application(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    put_application(entry["account_id"], entry["region"], entry["application_id"])
