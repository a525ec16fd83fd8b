"""The pages at the admin's door after the password: the code, setting up codes, and showing anew who one is."""

import time
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from paddock.accounts.door_forms import CodeForm, ProofForm, SetUpForm
from paddock.accounts.models import User
from paddock.accounts.proof import SECOND_FACTOR, note_proof
from paddock.accounts.second_factor import draw_secret, has_second_factor, make_secret
from paddock.accounts.sessions import end_all_sessions
from paddock.secrets import decrypt, encrypt
from paddock.sso.addresses import absolute, keep_own_path, with_next
from paddock.sso.identities import find_identity

PENDING = "pending_sign_in"
PENDING_SECONDS = 300
UNCONFIRMED = "unconfirmed_second_factor"
BACKEND = "paddock.accounts.backends.PasswordBackend"
TOO_LATE = "That took too long. Enter your password again."


def keep_pending(request: HttpRequest, user: User) -> None:
    """The password was right; nobody is signed in before the code is."""
    request.session[PENDING] = {"user": user.pk, "at": time.time(), "hash": user.get_session_auth_hash()}


def find_next(request: HttpRequest) -> str:
    return keep_own_path(request.GET.get("next")) or reverse("admin:index")


def enter_code(request: HttpRequest) -> HttpResponse:
    user = _find_pending(request)
    if user is None:
        messages.error(request, TOO_LATE)
        return HttpResponseRedirect(with_next(reverse("admin:login"), find_next(request)))
    form = CodeForm(request.POST or None, user=user)
    if not form.is_valid():
        return _show(request, "code", form=form, title="Enter your code")
    del request.session[PENDING]
    login(request, user, backend=BACKEND)
    request.session[SECOND_FACTOR] = True
    return HttpResponseRedirect(find_next(request))


def set_up_codes(request: HttpRequest) -> HttpResponse:
    """For an operator who has none. The recovery codes are shown here and never again."""
    user = cast(User, request.user)
    if not user.is_authenticated or not user.is_superuser or has_second_factor(user):
        return HttpResponseRedirect(reverse("admin:index"))
    secret = _keep_secret(request)
    form = SetUpForm(request.POST or None, user=user, secret=secret)
    if not form.is_valid():
        picture = draw_secret(user, secret)
        return _show(request, "set_up", form=form, title="Set up your second factor", picture=picture, secret=secret)
    del request.session[UNCONFIRMED]
    request.session[SECOND_FACTOR] = True
    note_proof(request)
    return _show(request, "recovery_codes", title="Keep these codes", codes=form.recovery_codes)


def prove_again(request: HttpRequest) -> HttpResponse:
    """Local accounts enter what they sign in with; others go to their identity provider once more."""
    user = cast(User, request.user)
    if not user.is_local:
        return _show(request, "prove_again", title="Is it still you?", provider_address=_find_provider(request, user))
    form = ProofForm(request.POST or None, user=user, request=request)
    if not form.is_valid():
        return _show(request, "prove_again", title="Is it still you?", form=form)
    note_proof(request)
    return HttpResponseRedirect(find_next(request))


def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, "sign_out_everywhere", title="Sign out everywhere?")
    end_all_sessions(cast(User, request.user))
    logout(request)
    messages.success(request, "You are signed out, here and everywhere else.")
    return HttpResponseRedirect(reverse("admin:login"))


def _find_pending(request: HttpRequest) -> User | None:
    pending = request.session.get(PENDING)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    return user if user and user.get_session_auth_hash() == pending["hash"] else None


def _keep_secret(request: HttpRequest) -> str:
    """The same one until it is confirmed, so that a mistyped code costs no new picture."""
    kept = request.session.get(UNCONFIRMED)
    secret = decrypt(kept) if kept else make_secret()
    if not kept:
        request.session[UNCONFIRMED] = encrypt(secret)
    return secret


def _find_provider(request: HttpRequest, user: User) -> str:
    """Where the identity provider is asked, and told to ask the person."""
    identity = find_identity(user)
    if identity is None:
        return ""
    start = reverse("sso:start", args=[identity.organization.slug, identity.provider.key])
    return absolute(f"{with_next(start, find_next(request))}&again=yes")


def _show(request: HttpRequest, page: str, **context: Any) -> HttpResponse:
    shared = {
        **admin.site.each_context(request),
        "next": find_next(request),
    }
    response = TemplateResponse(request, f"admin/door/{page}.html", shared | context)
    response.headers["Cache-Control"] = "no-store"
    return response
