"""Deployments of DeepRacer on AWS: what belongs to one besides its racing account, user pool and identity pool."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.racing.accounts import Account
from integrations.sandbox.racing.rules import Kind

ADMINS = "dr-admins"
FACILITATORS = "dr-race-facilitators"
RACERS = "dr-racers"
GROUPS = (ADMINS, FACILITATORS, RACERS)  # in the order of the identity pool's rules
DEFAULT_ALIAS = "RacerAlias"  # until the racer or whoever creates them gives another
UNLIMITED = -1

_SETTINGS: Mapping[str, Any] = {
    "usageQuotas": {
        "global": {"globalComputeMinutesLimit": UNLIMITED, "globalModelCountLimit": UNLIMITED},
        "newUser": {"newUserComputeMinutesLimit": UNLIMITED, "newUserModelCountLimit": UNLIMITED},
    },
    "registration": {"type": "invite-only"},
}


@dataclass
class Deployment:
    account: Account
    namespace: str
    site_path: str  # "/droa/<name>"
    user_pool_id: str
    identity_pool_id: str
    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(dict(_SETTINGS)))
    avatars: dict[str, dict[str, str]] = field(default_factory=dict)  # profile id → what the racer chose
    stopped_outside: set[str] = field(default_factory=set)  # ids of jobs that were stopped in SageMaker

    @property
    def table_name(self) -> str:
        return f"{self.namespace}-DeepRacerIndy.Main"

    @property
    def api_path(self) -> str:
        return f"{self.site_path}/api"


@dataclass
class Deployments:
    by_path: dict[str, Deployment] = field(default_factory=dict)

    def of_pool(self, user_pool_id: str) -> Deployment:
        return next(found for found in self.by_path.values() if found.user_pool_id == user_pool_id)

    def of_table(self, account_id: str, region: str, table_name: str) -> Deployment | None:
        wanted = (account_id, region, table_name)
        found = self.by_path.values()
        return next((d for d in found if (d.account.account_id, d.account.region, d.table_name) == wanted), None)

    def of_account(self, account_id: str, region: str) -> list[Deployment]:
        wanted = (Kind.ON_AWS, account_id, region)
        return [d for d in self.by_path.values() if (d.account.kind, d.account.account_id, d.account.region) == wanted]
