from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Racing"

    def ready(self) -> None:
        from events.domain.chosen_events import choose_events
        from paddock.sso.signals import membership_mapped

        membership_mapped.connect(choose_events)
