from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "paddock.accounts"
    label = "accounts"
    verbose_name = "Deployment"

    def ready(self) -> None:
        from paddock.accounts.proof import note_sign_in

        user_logged_in.connect(note_sign_in, dispatch_uid="accounts.proof")
