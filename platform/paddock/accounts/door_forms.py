"""What is asked at the admin's door, and how often."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from paddock.accounts.models import User
from paddock.accounts.rates import check_guesses, count_wrong_guess
from paddock.accounts.second_factor import check_code, has_second_factor, set_up
from paddock.rates import TooManyTries, find_client_address

WRONG_CODE = "This code is wrong, or was used before. Wait for the next one."
TOO_MANY = "Too many tries. Wait {seconds} seconds."


class CodeField(forms.CharField):
    widget = UnfoldAdminTextInputWidget(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "Code", "max_length": 20, **kwargs})


class CodeForm(forms.Form):
    code = CodeField(help_text="Of your authenticator. A recovery code works as well, once.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            right = check_code(user=self.user, code=code)
        except TooManyTries as limit:
            raise ValidationError(TOO_MANY.format(seconds=limit.retry_after)) from limit
        if not right:
            raise ValidationError(WRONG_CODE)
        return code


class SetUpForm(forms.Form):
    code = CodeField(help_text="The one that your authenticator shows now.")

    def __init__(self, *args: Any, user: User, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.secret = user, secret
        self.recovery_codes: list[str] = []

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.recovery_codes = set_up(user=self.user, secret=self.secret, code=code)
        except TooManyTries as limit:
            raise ValidationError(TOO_MANY.format(seconds=limit.retry_after)) from limit
        if not self.recovery_codes:
            raise ValidationError("This is not the code of that picture. Check the clock of your authenticator.")
        return code


class ProofForm(CodeForm):
    """The password, and the code of whoever has one."""

    field_order = ("password", "code")
    password = forms.CharField(widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}))

    def __init__(self, *args: Any, user: User, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.guess = {"client": find_client_address(request), "email": user.login}
        if not has_second_factor(user):
            del self.fields["code"]

    def clean_code(self) -> str:
        """A code is not used up by a mistyped password."""
        return super().clean_code() if "password" in self.cleaned_data else ""

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            check_guesses(**self.guess)
        except TooManyTries as limit:
            raise ValidationError(TOO_MANY.format(seconds=limit.retry_after)) from limit
        if not self.user.check_password(password):
            count_wrong_guess(**self.guess)
            raise ValidationError("This is not your password.")
        return password
