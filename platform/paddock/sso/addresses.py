"""Where Paddock's own pages are, as an identity provider and a browser know them."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from paddock.sso.models import IdentityProvider


def absolute(path: str) -> str:
    """Providers compare addresses letter by letter, so they never follow the name that a browser came by."""
    return f"{settings.SITE_URL.rstrip('/')}{path}"


def redirect_uri(provider: IdentityProvider) -> str:
    return absolute(reverse("openid_connect_callback", args=[provider.key]))


def assertion_consumer(provider: IdentityProvider) -> str:
    return absolute(reverse("saml_acs", args=[provider.key]))


def single_logout(provider: IdentityProvider) -> str:
    return absolute(reverse("saml_sls", args=[provider.key]))


def own_entity_id(provider: IdentityProvider) -> str:
    """The address of Paddock's metadata. Each provider has one to itself, so none can speak for another."""
    return absolute(reverse("saml_metadata", args=[provider.key]))


def sign_in_path(organization_slug: str, next_path: str = "") -> str:
    """The page of an organization where its people sign in, to come back to `next_path`."""
    return with_next(reverse("sso:sign_in", args=[organization_slug]), next_path)


def with_next(path: str, next_path: str) -> str:
    return f"{path}?{urlencode({'next': next_path})}" if next_path else path


def find_own_path(address: str) -> str:
    """The path within a whole address, as a browser tells it; nothing where it leads to no page of ours."""
    try:
        seen = urlsplit(address)
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return keep_own_path(seen.path + (f"?{seen.query}" if seen.query else ""))


def keep_own_path(path: str | None) -> str:
    """The path, if it leads to a page of ours; nothing otherwise, so that no link of ours leads people elsewhere."""
    # Browsers read a backslash as a slash, and two slashes as the beginning of another host, even where none follows.
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\"):
        return ""
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""
