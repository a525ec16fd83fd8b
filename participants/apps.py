from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "participants"
    verbose_name = "Racing"

    def ready(self) -> None:
        from participants import steps

        steps.load()
