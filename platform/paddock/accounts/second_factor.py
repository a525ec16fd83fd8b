"""The second factor of operators: a code of their authenticator, or one of their recovery codes."""

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from paddock.accounts.models import User
from paddock.rates import count_try
from paddock.secrets import decrypt, encrypt


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets are kept like all others of this deployment."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)


def has_second_factor(user: AbstractBaseUser) -> bool:
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def check_code(*, user: AbstractBaseUser, code: str) -> bool:
    """Whether it is right, and was not used before. Raises TooManyTries: every try counts, and right ones too."""
    count_try(settings.SECOND_FACTOR_RATE, "second-factor", str(user.pk))
    digits = code.replace(" ", "").replace("-", "")
    for authenticator in Authenticator.objects.filter(user_id=user.pk):
        if authenticator.wrap().validate_code(digits):
            authenticator.record_usage()
            return True
    return False


def make_secret() -> str:
    return str(generate_totp_secret())


def draw_secret(user: AbstractBaseUser, secret: str) -> str:
    """As a picture that an authenticator reads."""
    adapter = get_adapter()
    return str(adapter.build_totp_svg(adapter.build_totp_url(user, secret)))


def set_up(*, user: AbstractBaseUser, secret: str, code: str) -> list[str]:
    """Returns the recovery codes, to be shown once; none where the code is not of this secret."""
    count_try(settings.SECOND_FACTOR_RATE, "second-factor", str(user.pk))
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if has_second_factor(locked):
            return []
        totp = TOTP.activate(locked, secret)
        if not totp.validate_code(code.replace(" ", "")):
            totp.instance.delete()
            return []
        return list(RecoveryCodes.activate(locked).generate_codes())


def remove(*, user: AbstractBaseUser) -> None:
    """For somebody who has lost theirs: they set up a new one when they next sign in."""
    Authenticator.objects.filter(user_id=user.pk).delete()
