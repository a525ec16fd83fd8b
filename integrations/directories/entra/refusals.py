"""What Entra ID and Microsoft Graph refuse, as sentences that tell an organizer what to do."""

import re
from collections.abc import Mapping
from typing import Any

from integrations.errors import IntegrationError

_SECRETS_PAGE = "App registrations → Certificates & secrets"

_LOGIN_SENTENCES = {
    "7000215": f"Microsoft Entra refused the client secret. Create a new one under {_SECRETS_PAGE} and save its value "
    "(not its id) in the directory connection.",
    "7000222": f"The client secret has expired. Create a new one under {_SECRETS_PAGE} and save it in the directory "
    "connection.",
    "700016": "Microsoft Entra does not know this application in this tenant. Check the client id and the tenant id of "
    "the directory connection, and that an administrator has added the application to the tenant.",
    "700027": f"Microsoft Entra refused the certificate. Upload its public part under {_SECRETS_PAGE} and check that "
    "the directory connection holds the private key that belongs to it.",
    "700024": "The signed token was outside its time of validity. Check the clock of Paddock's servers.",
    "700211": "No federated credential of the application matches the token's issuer. Check the issuer under "
    f"{_SECRETS_PAGE} → Federated credentials.",
    "700213": "No federated credential of the application matches the token's subject. Check the subject under "
    f"{_SECRETS_PAGE} → Federated credentials.",
    "700212": "No federated credential of the application matches the token's audience. Check the audience under "
    f"{_SECRETS_PAGE} → Federated credentials.",
    "70021": "No federated credential of the application matches the token. Compare issuer, subject and audience under "
    f"{_SECRETS_PAGE} → Federated credentials.",
    "7000112": "The application is disabled in this tenant. Enable it under Enterprise applications → Properties.",
    "90002": "Microsoft Entra does not know this tenant. Check the tenant id of the directory connection.",
    "900023": "The tenant id is neither an id nor a domain. Check the tenant id of the directory connection.",
    "53003": "A conditional access policy of the tenant blocks the application. Ask its administrator for an "
    "exception.",
}

_GRAPH_SENTENCES = {
    "Authorization_RequestDenied": "Microsoft Graph denied the call. Grant the application User.Read.All, "
    "GroupMember.ReadWrite.All and whatever else the connection's guide lists, with admin consent.",
    "Directory_QuotaExceeded": "The directory's quota is used up, so nothing more can be added. Ask the tenant's "
    "administrator to raise the quota or to clean up.",
}

_AADSTS = re.compile(r"AADSTS(\d+)")


def explain_login_refusal(result: Mapping[str, Any]) -> IntegrationError:
    """For the dict that msal answers instead of a token."""
    description = str(result.get("error_description", ""))
    found = _AADSTS.search(description)
    code = found[1] if found else ""
    if sentence := _LOGIN_SENTENCES.get(code):
        return IntegrationError(sentence, permanent=True, code=f"AADSTS{code}")
    if result.get("error") in {"temporarily_unavailable", "server_error"}:
        return login_outage()
    reason = description.splitlines()[0] if description else str(result.get("error", "no reason given"))
    return IntegrationError(
        f"Microsoft Entra refused the application: {reason}",
        permanent=True,
        code=f"AADSTS{code}" if code else str(result.get("error", "")),
    )


def unknown_tenant() -> IntegrationError:
    return IntegrationError(_LOGIN_SENTENCES["90002"], permanent=True, code="AADSTS90002")


def login_outage(retry_after: float = 5) -> IntegrationError:
    return IntegrationError(
        "Microsoft's sign-in service does not answer. Paddock tries again.", retry_after=retry_after, code="LoginOutage"
    )


def unusable_credential(reason: str) -> IntegrationError:
    return IntegrationError(
        f"The stored credential cannot be used: {reason}. Save the private key and the certificate in PEM "
        "format in the directory connection.",
        permanent=True,
        code="Credential",
    )


def no_answer() -> IntegrationError:
    return IntegrationError("Microsoft Graph gave no answer. Paddock tries again.", retry_after=10, code="NoAnswer")


def explain_graph_refusal(status: int, error: Mapping[str, Any], retry_after: float | None) -> IntegrationError:
    """For an answer of 400 and above. `error` is the object of that name in Graph's body, empty if there was none."""
    code = str(error.get("code", "")) or str(status)
    if status == 429 or status >= 500:
        wait = retry_after if retry_after is not None else 10.0
        wish = "asked Paddock to slow down" if status == 429 else f"has trouble ({code})"
        return IntegrationError(f"Microsoft Graph {wish}. It tries again.", retry_after=wait, code=code)
    if status == 424:
        return IntegrationError("Microsoft Graph skipped this request. Paddock tries again.", retry_after=2, code=code)
    if status == 401:
        return IntegrationError(
            "Microsoft Graph refused Paddock's access token. Check that the application is enabled in the tenant.",
            permanent=True,
            code=code,
        )
    message = str(error.get("message", "")).rstrip(".") or f"status {status}"
    sentence = _GRAPH_SENTENCES.get(code, f"Microsoft Graph refused the request: {message}.")
    return IntegrationError(sentence, permanent=True, code=code)
