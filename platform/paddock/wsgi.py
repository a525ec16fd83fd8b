"""The WSGI entry point: `gunicorn --pythonpath .,platform paddock.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paddock.settings.production")

application = get_wsgi_application()
