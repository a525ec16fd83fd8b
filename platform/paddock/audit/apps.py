from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "paddock.audit"
    default_auto_field = "django.db.models.BigAutoField"
