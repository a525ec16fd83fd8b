"""Signing in, and the forms by which operators make users."""

from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm, UserChangeForm, UserCreationForm

from paddock.accounts.door import find_next, keep_pending
from paddock.accounts.models import User
from paddock.accounts.rates import check_guesses, count_wrong_guess
from paddock.accounts.second_factor import has_second_factor
from paddock.rates import TooManyTries, find_client_address
from paddock.tenancy.lookup import list_memberships

WRONG = "This e-mail address and this password do not belong together."
NO_ORGANIZATION = "This account works for no organization yet. Ask an owner to invite you."
INVITATIONS = "/join/"  # whoever follows one is about to work for somebody


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """E-mail and password. Too many wrong ones from one place, or at one account, are answered no more for a while."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"

    def clean(self) -> dict[str, Any]:
        guess = {"client": find_client_address(self.request), "email": self.cleaned_data.get("username", "")}
        try:
            check_guesses(**guess)
        except TooManyTries as limit:
            params = {"retry_after": limit.retry_after}
            raise ValidationError("Too many tries. Wait %(retry_after)s seconds.", "too_many_tries", params) from limit
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            if error.code == "invalid_login":
                count_wrong_guess(**guess)
            raise
        self._ask_for_code(self.get_user())
        return cleaned

    def _ask_for_code(self, user: User) -> None:
        """Not an error but the next question; until it is answered nobody is signed in."""
        if user.is_superuser and has_second_factor(user):
            keep_pending(self.request, user)
            raise ValidationError("Enter your code.", code="second_factor")

    def confirm_login_allowed(self, user: User) -> None:
        is_invited = find_next(self.request).startswith(INVITATIONS)
        if not user.is_superuser and not is_invited and not list_memberships(user):
            raise ValidationError(NO_ORGANIZATION, code="no_organization")


class NewUserForm(UserCreationForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = ["email", "name"]
        labels = {"email": "E-mail address"}

    def clean_email(self) -> str:
        return _clean_email(self)


class UserForm(UserChangeForm):  # type: ignore[misc]
    class Meta:
        model = User
        fields = ["email", "name", "is_active", "is_superuser"]
        labels = {"email": "E-mail address", "is_active": "Active", "is_superuser": "Operator"}
        help_texts = {
            "is_superuser": "Runs this deployment, and enters an organization only by a session that its owners see."
        }

    def clean_email(self) -> str:
        return _clean_email(self)


def _clean_email(form: NewUserForm | UserForm) -> str:
    """Addresses are kept in lower case, so that nobody has two local accounts by capitals."""
    email: str = form.cleaned_data["email"].strip().lower()
    if User.objects.filter(login=email).exclude(pk=form.instance.pk).exists():
        raise ValidationError("There is a user with this address already.")
    form.instance.login = email
    return email
