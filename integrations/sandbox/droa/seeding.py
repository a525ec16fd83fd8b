"""Puts a deployment of DeepRacer on AWS in: its account, user pool, identity pool and first administrator."""

import re
from collections.abc import Mapping
from typing import Any

from integrations.sandbox.aws.cognito_pools import UserPool
from integrations.sandbox.aws.cognito_store import IdentityPool
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.deployments import ADMINS, FACILITATORS, GROUPS, RACERS, Deployment
from integrations.sandbox.droa.sign_up import create_user
from integrations.sandbox.racing.accounts import Account
from integrations.sandbox.racing.rules import Kind

DEFAULT_JOB_QUOTA = 8

_SITE_PATH = re.compile(r"/droa/[\w-]+")
_ROLE_NAMES = {ADMINS: "AdminRole", FACILITATORS: "RaceFacilitatorRole", RACERS: "RacerRole"}


class InvalidDeploymentError(ValueError):
    """The text names the faulty field."""


def put_deployment(cloud: Cloud, entry: Mapping[str, Any]) -> None:
    """New, or what is there with the job quota and the administrator's password of this entry. KeyError: a field."""
    site_path = str(entry["site_path"]).rstrip("/")
    if not _SITE_PATH.fullmatch(site_path):
        raise InvalidDeploymentError(f"'{site_path}' is no site path: it must be /droa/<name>.")
    deployment = cloud.droa.by_path.get(site_path) or _new_deployment(cloud, entry, site_path)
    _set_job_quota(deployment.account, int(entry.get("job_quota", DEFAULT_JOB_QUOTA)))
    _put_admin(cloud, deployment, entry["admin_email"], entry["admin_password"])


def _new_deployment(cloud: Cloud, entry: Mapping[str, Any], site_path: str) -> Deployment:
    account_id, region, namespace = entry["account_id"], entry["region"], entry["namespace"]
    user_pool = UserPool(entry["user_pool_id"], entry["client_id"], account_id, region, GROUPS)
    role_arns = {
        group: f"arn:aws:iam::{account_id}:role/DeepRacerOnAWS-{namespace}-{_ROLE_NAMES[group]}" for group in GROUPS
    }
    identity_pool = IdentityPool(entry["identity_pool_id"], user_pool.pool_id, role_arns)
    account = Account(account_id, region, Kind.ON_AWS, DEFAULT_JOB_QUOTA, name=namespace)
    deployment = Deployment(cloud.racing.put(account), namespace, site_path, user_pool.pool_id, identity_pool.pool_id)
    cloud.cognito.user_pools[user_pool.pool_id] = user_pool
    cloud.cognito.identity_pools[identity_pool.pool_id] = identity_pool
    cloud.droa.by_path[site_path] = deployment
    return deployment


def _set_job_quota(account: Account, quota: int) -> None:
    account.job_limit = quota
    for pool in account.pools.values():
        pool.limit = quota


def _put_admin(cloud: Cloud, deployment: Deployment, email: str, password: str) -> None:
    pool = cloud.cognito.user_pools[deployment.user_pool_id]
    if pool.find(email) is None:
        attributes = {"email": email, "email_verified": "true"}
        username = deployment.account.new_id()
        create_user(cloud, pool, username=username, attributes=attributes, metadata={}, password=password)
    pool.set_password(email, password, permanent=True, now=cloud.now())
    pool.join_group(email, ADMINS)
