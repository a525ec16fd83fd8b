from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = "Racing"

    def ready(self) -> None:
        from participants import steps
        from participants.audited import keep_triggers

        steps.load()
        post_migrate.connect(keep_triggers, sender=self, dispatch_uid="participants.audited")
