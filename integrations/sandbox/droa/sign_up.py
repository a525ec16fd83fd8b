"""Making users of a deployment: the trigger that makes the profile first, and the service's own mail of invitation."""

import re
from collections.abc import Iterable

from markupsafe import escape

from integrations.sandbox.aws.cognito_passwords import check_password, one_time_password
from integrations.sandbox.aws.cognito_pools import CognitoError, PoolUser, UserPool, UserStatus
from integrations.sandbox.cloud import Cloud
from integrations.sandbox.droa.deployments import DEFAULT_ALIAS, RACERS, Deployment
from integrations.sandbox.mailbox import Mail
from integrations.sandbox.racing.accounts import Account, Profile
from integrations.sandbox.racing.clock import Moment
from integrations.sandbox.racing.profiles import put_profile
from integrations.sandbox.racing.progress import bring_forward

SENDER = "no-reply@verificationemail.com"

_USERNAME = re.compile(r"[A-Za-z0-9-]{15}")  # the trigger lets hyphens pass; the REST API does not know such a profile
_ALIAS = re.compile(r"[A-Za-z0-9_-]{3,20}")


def create_user(
    cloud: Cloud,
    pool: UserPool,
    *,
    username: str,
    attributes: dict[str, str],
    metadata: dict[str, str],
    password: str = "",
) -> PoolUser:
    """A user with a one-time password and a profile of the default quotas. Raises CognitoError, PasswordPolicyError.

    The trigger makes the profile before the pool looks whether the address is somebody else's: if it is, a profile
    without a user is left behind, and keeps its name from being used again.
    """
    account = cloud.droa.of_pool(pool.pool_id).account
    password = password or one_time_password()
    check_password(password)
    pool.check_username(username)
    _sign_up(account, username, attributes.get("email", ""), metadata, bring_forward(cloud))
    return pool.add_user(username, attributes, password=password, now=cloud.now())


def note_sign_in(cloud: Cloud, pool: UserPool, user: PoolUser) -> None:
    """Racers train from their first sign-in on, also by themselves; staff do so only when they ask for it."""
    account = cloud.droa.of_pool(pool.pool_id).account
    profile = account.profiles.get(user.username)
    if profile is not None and RACERS in user.groups:
        profile.signed_in = True


def confirm_racers(cloud: Cloud, account: Account, profiles: Iterable[Profile]) -> None:
    """The racers have come without a browser: as if they had changed the one-time password for one of their own."""
    deployments = [found for found in cloud.droa.by_path.values() if found.account is account]
    for pool in (cloud.cognito.user_pools[found.user_pool_id] for found in deployments):
        for profile in profiles:
            user = pool.find(profile.service_id)
            if user is not None and user.status is UserStatus.FORCE_CHANGE_PASSWORD:
                pool.set_password(profile.service_id, one_time_password(), permanent=True, now=cloud.now())


def send_invitation(cloud: Cloud, deployment: Deployment, user: PoolUser) -> None:
    """By Cognito, to the address of the user; one that suppresses mail gets none and nobody is told."""
    if not user.email or cloud.mailbox.is_suppressed(user.email):
        return
    site = f"{cloud.url}{deployment.site_path}/"
    html = (
        f"<p>Hello,</p><p>an account of DeepRacer on AWS was made for you. Sign in at "
        f'<a href="{site}">{site}</a> with this e-mail address and the temporary password '
        f"<strong>{escape(user.password)}</strong>. You choose your own password there.</p>"
        f"<p>Account: {user.username}</p>"
    )
    text = (
        f"Hello,\n\nan account of DeepRacer on AWS was made for you. Sign in at {site} with this e-mail address and "
        f"the temporary password {user.password}\nYou choose your own password there.\n\nAccount: {user.username}\n"
    )
    subject = "Your account of DeepRacer on AWS"
    cloud.mailbox.accept(Mail(user.email, subject, text, html, provider="cognito", sender=SENDER))


def _sign_up(account: Account, username: str, email: str, metadata: dict[str, str], moment: Moment) -> None:
    """The trigger before a sign-up."""
    alias = metadata.get("racerAlias") or DEFAULT_ALIAS
    if not _USERNAME.fullmatch(username):
        raise _trigger_error("Username is invalid")
    if not _ALIAS.fullmatch(alias):
        raise _trigger_error("Invalid racer alias format")
    if username in account.profiles:
        raise _trigger_error("The conditional request failed")
    put_profile(account, alias=alias, moment=moment, service_id=username, email=email, signed_in=False)


def _trigger_error(message: str) -> CognitoError:
    return CognitoError("UserLambdaValidationException", f"PreSignUp failed with error {message}.")
