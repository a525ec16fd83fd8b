"""The Celery application. Tasks carry ids only; what they do lives in the domain."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paddock.settings.local")

app = Celery("paddock", task_cls="paddock.tenancy.tasks:NamedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
