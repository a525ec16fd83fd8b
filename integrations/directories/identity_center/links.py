"""The deep link of the access portal."""

from urllib.parse import quote, urlencode


def access_url(*, portal_url: str, account_id: str, role_name: str, destination: str) -> str:
    """Signs the reader in to the account with the permission set `role_name` and opens `destination`.

    `portal_url` is the portal's address as AWS shows it, such as https://d-0123456789.awsapps.com/start.
    """
    portal = portal_url.partition("#")[0].rstrip("/")
    query = urlencode({"account_id": account_id, "role_name": role_name, "destination": destination}, quote_via=quote)
    return f"{portal}/#/console?{query}"
