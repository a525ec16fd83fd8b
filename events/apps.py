from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Racing"

    def ready(self) -> None:
        from events.domain.chosen_events import choose_events
        from events.domain.first_policy import begin_with_policy
        from paddock.sso.signals import membership_mapped
        from paddock.tenancy.signals import organization_opened

        membership_mapped.connect(choose_events)
        organization_opened.connect(begin_with_policy)
