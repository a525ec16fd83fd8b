from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "paddock.api"
    label = "api"
    verbose_name = "Organization"
    default_auto_field = "django.db.models.BigAutoField"
