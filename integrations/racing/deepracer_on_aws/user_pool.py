"""Racers' sign-ins in the user pool of a deployment, made and locked through a role in its account."""

from typing import Any

from integrations.errors import IntegrationError
from integrations.racing.deepracer_on_aws.account import CREATIONS, READS, SEARCHES, AccountClient
from integrations.racing.deepracer_on_aws.names import shape_alias
from integrations.racing.protocol import ALREADY_SIGNED_IN, EMAIL_EXISTS, NewRacer
from integrations.repetition import repeat_read

RACERS = "dr-racers"
# The status of a user whose password an administrator gave; every other one comes after the racer has chosen one.
_NOT_SIGNED_IN = "FORCE_CHANGE_PASSWORD"
_TAKEN = frozenset({"UsernameExistsException", "AliasExistsException"})
_UNKNOWN = "UserNotFoundException"
# The deployment's function before a sign-up, which makes the profile, said no or fell over.
_TRIGGER_FAILED = frozenset(
    {"UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException"}
)
_LASTING = ("Username is invalid", "Invalid racer alias", "conditional request failed")


def admit(client: AccountClient, racer: NewRacer) -> None:
    """A user in the group of racers who can sign in once a password is set. Nobody is mailed by Cognito."""
    user = _find_by_email(client, racer.email)
    if user is None:
        _create(client, racer)
    elif user["Username"] != racer.service_id:
        raise _email_taken(racer.email)
    elif not user.get("Enabled", True):
        _enable(client, racer.service_id)
    with client.user_pool() as pool:
        pool.admin_add_user_to_group(UserPoolId=client.site.user_pool_id, Username=racer.service_id, GroupName=RACERS)


@repeat_read
def _find_by_email(client: AccountClient, email: str) -> dict[str, Any] | None:
    """Looked for before anybody is created: Cognito would make the profile first and then refuse a known address."""
    literal = email.replace("\\", "\\\\").replace('"', '\\"')
    with client.user_pool(SEARCHES) as pool:
        answer = pool.list_users(UserPoolId=client.site.user_pool_id, Filter=f'email = "{literal}"', Limit=1)
    users: list[dict[str, Any]] = answer["Users"]
    return users[0] if users else None


def _create(client: AccountClient, racer: NewRacer) -> None:
    try:
        with client.user_pool(CREATIONS) as pool:
            pool.admin_create_user(
                UserPoolId=client.site.user_pool_id,
                Username=racer.service_id,
                UserAttributes=[
                    {"Name": "email", "Value": racer.email},
                    {"Name": "email_verified", "Value": "true"},
                ],
                MessageAction="SUPPRESS",
                ClientMetadata={"racerAlias": shape_alias(racer.alias)},
            )
    except IntegrationError as error:
        if error.code in _TRIGGER_FAILED:
            raise _explain_trigger(racer, error) from error
        if error.code not in _TAKEN:
            raise
        _reuse(client, racer)


def _reuse(client: AccountClient, racer: NewRacer) -> None:
    """Of the same id: made by somebody quicker, or known by a former address. Otherwise the address is another's."""
    user = _find(client, racer.service_id)
    if user is None:
        raise _email_taken(racer.email)
    if not user.get("Enabled", True):
        _enable(client, racer.service_id)


@repeat_read
def _find(client: AccountClient, service_id: str) -> dict[str, Any] | None:
    try:
        with client.user_pool(READS) as pool:
            user: dict[str, Any] = pool.admin_get_user(UserPoolId=client.site.user_pool_id, Username=service_id)
    except IntegrationError as error:
        if error.code == _UNKNOWN:
            return None
        raise
    return user


def _enable(client: AccountClient, service_id: str) -> None:
    with client.user_pool() as pool:
        pool.admin_enable_user(UserPoolId=client.site.user_pool_id, Username=service_id)


def set_password(client: AccountClient, service_id: str, password: str) -> None:
    """A one-time password, good for as long as the pool says (seven days by default)."""
    user = _find(client, service_id)
    if user is None:
        raise _unknown(service_id)
    if user.get("UserStatus") != _NOT_SIGNED_IN:
        raise _already_signed_in()
    with client.user_pool() as pool:
        pool.admin_set_user_password(
            UserPoolId=client.site.user_pool_id, Username=service_id, Password=password, Permanent=False
        )


def disable(client: AccountClient, service_id: str) -> None:
    """Nobody of that id is success. What has signed in already may go on for up to an hour."""
    try:
        with client.user_pool() as pool:
            pool.admin_disable_user(UserPoolId=client.site.user_pool_id, Username=service_id)
        with client.user_pool() as pool:
            pool.admin_user_global_sign_out(UserPoolId=client.site.user_pool_id, Username=service_id)
    except IntegrationError as error:
        if error.code != _UNKNOWN:
            raise


def explain_leftover(client: AccountClient, service_id: str) -> IntegrationError | None:
    """For a profile that could not be deleted: whether its user has been, so that no repetition will help."""
    if _find(client, service_id) is not None:
        return None
    return IntegrationError(
        f"The deployment deleted the sign-in of racer {service_id} and failed to delete the profile, which its API "
        f"cannot make good. Let its administrator delete the item with pk “profile_{service_id}” and sk “profile” from "
        f"the table {client.site.table_name}.",
        permanent=True,
        code="HalfDeleted",
    )


def _email_taken(email: str) -> IntegrationError:
    return IntegrationError(
        f"{email} has a sign-in at the deployment already, which Paddock did not make. Let the person register with "
        "another address, or ask the deployment's administrator to delete that user.",
        permanent=True,
        code=EMAIL_EXISTS,
    )


def _explain_trigger(racer: NewRacer, error: IntegrationError) -> IntegrationError:
    if not any(reason in error.message for reason in _LASTING):
        return IntegrationError(
            f"The deployment could not make a profile for {racer.email}. Paddock tries again. {error.message}",
            retry_after=30,
            code=error.code,
        )
    return IntegrationError(
        f"The deployment did not accept {racer.email} as a new racer. If its table has a profile {racer.service_id} "
        f"without a user of that name, let its administrator delete that item. {error.message}",
        permanent=True,
        code=error.code,
    )


def _unknown(service_id: str) -> IntegrationError:
    return IntegrationError(
        f"The deployment's user pool has no user {service_id}. The racer was deleted there, or never made.",
        permanent=True,
        code=_UNKNOWN,
    )


def _already_signed_in() -> IntegrationError:
    return IntegrationError(
        "The racer has chosen a password of their own, which Paddock leaves alone. Whoever forgot it finds help on the "
        "deployment's sign-in page.",
        permanent=True,
        code=ALREADY_SIGNED_IN,
    )
