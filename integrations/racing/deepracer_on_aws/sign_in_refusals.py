"""What Cognito refuses when Paddock signs in, as sentences that tell an organizer what to do."""

from integrations.errors import IntegrationError

_PAGE = "the sponsoring account"

_REFUSALS = {
    "UserNotFoundException": "The deployment knows no user {email}. Let its administrator invite that address and put "
    f"the user into the group dr-admins, or correct the administrator's e-mail in {_PAGE}.",
    "PasswordResetRequiredException": "The password of {email} was reset. Choose a new one on the deployment's sign-in "
    f"page and save it in {_PAGE}.",
    "UserNotConfirmedException": "The user {email} is not confirmed. Sign in once on the deployment's page with it and "
    f"save the password in {_PAGE}.",
    "ResourceNotFoundException": "The user pool that the site names does not exist. Check with whoever runs the "
    "deployment whether it was installed anew.",
}
_CHALLENGES = {
    "NEW_PASSWORD_REQUIRED": "The user {email} still has the one-time password. Sign in once on the deployment's page, "
    f"choose a password, and save that one in {_PAGE}.",
}


def explain_refusal(error: IntegrationError, email: str) -> IntegrationError:
    """For InitiateAuth. What passes by itself stays as it is."""
    if not error.permanent:
        return error
    if error.code == "NotAuthorizedException":
        return _permanent(_explain_wrong_password(error.message, email), error.code)
    if error.code == "InvalidParameterException" and "USER_PASSWORD_AUTH" in error.message:
        return _permanent(
            "The deployment's user pool does not take passwords from programs. Allow ALLOW_USER_PASSWORD_AUTH for its "
            "app client WebClient in the Cognito console.",
            error.code,
        )
    sentence = _REFUSALS.get(error.code)
    return _permanent(sentence.format(email=email), error.code) if sentence else error


def _explain_wrong_password(message: str, email: str) -> str:
    if "attempts exceeded" in message.lower():
        return (
            f"Cognito locks {email} for a while after too many wrong passwords. Correct the administrator's password "
            f"in {_PAGE} and wait a quarter of an hour."
        )
    if "disabled" in message.lower():
        return f"The user {email} is disabled in the deployment's user pool. Let its administrator enable it."
    return f"The deployment refused the password of {email}. Save the right one in {_PAGE}."


def explain_challenge(challenge: str, email: str) -> IntegrationError:
    """When the password alone is not enough."""
    sentence = _CHALLENGES.get(
        challenge,
        "The deployment asks {email} for more than a password. Give Paddock a user of its own without a second factor.",
    )
    return _permanent(sentence.format(email=email), challenge)


def explain_exchange(error: IntegrationError) -> IntegrationError:
    """For the identity pool, which gives a role to members of the deployment's groups alone."""
    if error.code in {"NotAuthorizedException", "InvalidIdentityPoolConfigurationException"}:
        return _permanent(
            "Paddock's user of the deployment is in none of its groups. Let its administrator make the user an "
            "administrator (group dr-admins).",
            error.code,
        )
    return error


def _permanent(sentence: str, code: str) -> IntegrationError:
    return IntegrationError(sentence, permanent=True, code=code)
