"""The test suite. Servers are started by the suite itself, which sets their addresses before Django loads."""

import os

from cryptography.fernet import Fernet

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("SECRET_KEYS", Fernet.generate_key().decode())
os.environ.setdefault("DATABASE_URL", "postgresql://localhost/paddock")
os.environ.setdefault("CELERY_BROKER_URL", "redis://localhost:6379/0")

from paddock.settings.base import *  # noqa: E402, F403

DEBUG = False
PASSWORD_SIGN_IN = True
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
