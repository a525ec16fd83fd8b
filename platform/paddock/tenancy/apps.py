from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.backends.signals import connection_created


class TenancyConfig(AppConfig):
    name = "paddock.tenancy"
    label = "tenancy"
    verbose_name = "Organization"

    def ready(self) -> None:
        from paddock.tenancy.leaving import end_session_of_request
        from paddock.tenancy.scope import apply_scope_to_new_connection

        connection_created.connect(apply_scope_to_new_connection, dispatch_uid="tenancy.scope")
        user_logged_out.connect(end_session_of_request, dispatch_uid="tenancy.leaving")
