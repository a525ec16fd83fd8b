"""Connecting an identity provider: what is typed in is looked up first, and only then believed."""

from typing import Any, NamedTuple

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectMultipleWidget

from events.models import ClaimRuleEvent, Event
from paddock.form_fields import LinesField, SecretForm, SecretInput
from paddock.sso.connecting import check_upload, describe_oidc, describe_saml, fetch_metadata, is_complete
from paddock.sso.models import IdentityProvider
from paddock.sso.refusals import ProviderUnusable
from paddock.sso.ways_in import keep_a_way_in
from paddock.tenancy.forms import TenantForm
from paddock.tenancy.models import Membership

NOT_COMPLETE = {
    IdentityProvider.Kind.OIDC: "Enter issuer, client id and client secret first, or leave it inactive for now.",
    IdentityProvider.Kind.SAML: "Give the metadata first, by its address or as a file, or leave it inactive for now.",
}
# Fields that decide who can come in.
WHO_COMES_IN = ("is_active", "kind", "issuer", "domains", "metadata_url", "metadata_file")


class Looked(NamedTuple):
    """What was found at the address of a field, or what is the matter with it."""

    field: str = ""
    found: dict[str, Any] = {}
    problem: str = ""


def look_up(request: HttpRequest) -> Looked:
    """Before Django opens the transaction in which forms are judged and saved: it calls outside."""
    kind, typed = request.POST.get("kind"), {name: str(value).strip() for name, value in request.POST.items()}
    upload = request.FILES.get("metadata_file")
    field = ""
    try:
        if kind == IdentityProvider.Kind.OIDC and typed.get("issuer"):
            field = "issuer"
            return Looked(field, describe_oidc(typed[field]))
        if kind == IdentityProvider.Kind.SAML and upload:
            field = "metadata_file"
            check_upload(upload.size or 0)
            return Looked(field, describe_saml(upload.read()))
        if kind == IdentityProvider.Kind.SAML and typed.get("metadata_url"):
            field = "metadata_url"
            return Looked(field, describe_saml(fetch_metadata(typed[field])))
    except ProviderUnusable as problem:
        return Looked(field, problem=str(problem))
    return Looked()


class IdentityProviderForm(TenantForm, SecretForm):
    secret_name = "client_secret"  # noqa: S105 -- the name of a field
    looked = Looked()  # set by the page, as is who changes it
    actor: AbstractBaseUser

    domains = LinesField(
        label="E-mail domains",
        help_text="One a line, such as contoso.com. Only people with such an address can join through this provider.",
    )
    metadata_file = forms.FileField(
        label="Metadata file",
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text="Instead of an address, from which changed keys would be read by themselves.",
    )

    class Meta:
        widgets = {"client_secret": SecretInput}

    def clean_domains(self) -> list[str]:
        return sorted({domain.lower().removeprefix("@") for domain in self.cleaned_data["domains"]})

    def clean(self) -> dict[str, Any] | None:
        """A stored secret is never sent to a provider that it was not meant for."""
        typed = self.cleaned_data.get("client_secret")
        cleaned = super().clean()
        if self.stored_secret and not typed and "issuer" in self.changed_data:
            self.add_error("client_secret", "Enter the secret again for the new issuer.")
        if self.looked.problem:
            self.add_error(self.looked.field, self.looked.problem)
        for name, value in self.looked.found.items():
            setattr(self.instance, name, value)
        return cleaned

    def _post_clean(self) -> None:
        """Only now does the instance have what was typed."""
        super()._post_clean()  # type: ignore[misc]
        if self.instance.is_active and not self.errors and not is_complete(self.instance):
            self.add_error("is_active", NOT_COMPLETE[IdentityProvider.Kind(self.instance.kind)])
        stored = IdentityProvider.objects.filter(pk=self.instance.pk).first()
        if stored and not self.errors:
            self._keep_a_way_in(stored)

    def _keep_a_way_in(self, stored: IdentityProvider) -> None:
        try:
            keep_a_way_in(before=stored, after=self.instance, actor=self.actor)
        except ValidationError as error:
            changed = [name for name in WHO_COMES_IN if name in self.changed_data]
            self.add_error(changed[0] if changed else None, error)


class ClaimRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    events = forms.ModelMultipleChoiceField(
        label="Chosen events",
        queryset=Event.objects.none(),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget,
        help_text="Where it is not for all.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["events"].queryset = Event.objects.all()  # type: ignore[attr-defined]
        if self.instance.pk:
            chosen = self.instance.chosen_events.all()
            self.initial["events"] = [each.event_id for each in chosen]

    def clean(self) -> dict[str, Any] | None:
        """An owner who saw some events only could grant themselves the others."""
        cleaned = super().clean()
        if self.cleaned_data.get("role") == Membership.Role.OWNER and not self.cleaned_data.get("all_events", True):
            self.add_error("all_events", "An owner looks after the whole organization, so after all its events.")
        return cleaned

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        wanted = set(self.cleaned_data["events"])
        self.instance.chosen_events.exclude(event__in=wanted).delete()
        for event in wanted:
            ClaimRuleEvent.objects.get_or_create(rule=self.instance, event=event)
