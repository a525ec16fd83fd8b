import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import requests
from django.core.management.base import CommandError

from events.domain.first_policy import begin_with_policy
from events.models import Event
from paddock.sso.refusals import ProviderUnusable
from paddock.tenancy.commands import NamedCommand
from paddock.tenancy.scope import organization_scope
from participants.demonstration.accounts import Account, ensure_members, ensure_operator
from participants.demonstration.cloud import let_in, seed_sandbox, start_racing
from participants.demonstration.hooks import ensure_webhook
from participants.demonstration.keys import Key, ensure_keys
from participants.demonstration.portal import ensure_intake
from participants.demonstration.programme import PORTAL
from participants.demonstration.running import ALIASES
from participants.demonstration.sign_ins import ensure_oidc, ensure_saml
from participants.demonstration.stories import ensure_contoso_events, ensure_fabrikam_events
from participants.demonstration.tenants import (
    TENANTS,
    Connections,
    Tenant,
    ensure_connections,
    ensure_organization,
)
from participants.domain.intake.schedule import request_read
from participants.domain.usage.schedule import request_sync

STORIES = {"contoso": ensure_contoso_events, "fabrikam": ensure_fabrikam_events}


class Command(NamedCommand):
    help = "Load the demonstration: two organizations, wired to the sandbox. May run again and again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sandbox-url", required=True, help="where the sandbox listens")
        parser.add_argument("--smtp-port", type=int, required=True, help="where the sandbox takes mail by SMTP")
        parser.add_argument("--oidc-url", required=True, help="the issuer that people of Contoso sign in with")
        parser.add_argument("--output", type=Path, help="file for the events and accounts, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = [ensure_operator()]
        connections: dict[Tenant, Connections] = {}
        for tenant in TENANTS:
            with organization_scope(ensure_organization(tenant).pk):
                connections[tenant] = ensure_connections(
                    tenant, sandbox_url=options["sandbox_url"], smtp_port=options["smtp_port"]
                )
        self._seed(options["sandbox_url"], connections)
        events, keys = [], []
        for tenant, rows in connections.items():
            organization = ensure_organization(tenant)
            with organization_scope(organization.pk):
                accounts += ensure_members(organization)
                keys += ensure_keys(organization)
                begin_with_policy()
                ensure_webhook(slug=tenant.slug, sandbox_url=options["sandbox_url"])
                events += [
                    {"organization": tenant.slug, "event": event.slug}
                    for event in STORIES[tenant.slug](organization, rows)
                ]
                # Nobody waits for the first figures: accounts are read as soon as there is a worker.
                for account in rows.accounts:
                    request_sync(organization_id=organization.pk, account_id=account.pk)
        self._connect_sign_ins(options["sandbox_url"], options["oidc_url"])
        self._start_racing(options["sandbox_url"], connections)
        self._open_portals(options["sandbox_url"])
        self._report(events, accounts, keys, options["output"])

    def _seed(self, url: str, connections: dict[Tenant, Connections]) -> None:
        try:
            seed_sandbox(url, connections)
        except requests.RequestException as error:
            raise CommandError(f"The sandbox at {url} took no demonstration: {error}") from error

    def _connect_sign_ins(self, sandbox_url: str, oidc_url: str) -> None:
        try:
            ensure_oidc("contoso", issuer=oidc_url)
            ensure_saml("fabrikam", metadata_url=f"{sandbox_url}/saml/fabrikam/metadata")
        except ProviderUnusable as problem:
            raise CommandError(f"Single sign-on of the demonstration cannot be connected: {problem}") from problem

    def _start_racing(self, url: str, connections: dict[Tenant, Connections]) -> None:
        contoso = next(rows for tenant, rows in connections.items() if tenant.slug == "contoso")
        try:
            start_racing(url, contoso.account.account_id, ALIASES)
        except requests.RequestException as error:
            raise CommandError(f"The sandbox at {url} let nobody race: {error}") from error

    def _open_portals(self, url: str) -> None:
        """The role comes last, because its external id is made together with the intake."""
        for tenant in [tenant for tenant in TENANTS if tenant.has_portal]:
            with organization_scope(ensure_organization(tenant).pk):
                intake = ensure_intake(Event.objects.get(slug=PORTAL), tenant)
                try:
                    let_in(url, intake)
                except requests.RequestException as error:
                    raise CommandError(f"The sandbox at {url} lets nobody read the portal: {error}") from error
                request_read(organization_id=intake.organization.pk, intake_id=intake.pk)

    def _report(
        self, events: list[dict[str, str]], accounts: list[Account], keys: list[Key], output: Path | None
    ) -> None:
        people, programs = [account.as_dict() for account in accounts], [key.as_dict() for key in keys]
        text = json.dumps({"events": events, "accounts": people, "keys": programs}, indent=2)
        if output:
            output.write_text(text)
            output.chmod(0o600)
        self.stdout.write(f"Loaded {len(events)} events of {len(TENANTS)} organizations.")
