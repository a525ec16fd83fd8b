"""The test suite, on servers that it starts itself."""

import os

from cryptography.fernet import Fernet

if "PYTEST_VERSION" in os.environ:  # type checkers load these settings too, and need no servers
    from tests.support import services

    os.environ["CELERY_BROKER_URL"] = services.broker_url()
    os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"] = services.postgres().owner_url

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("SECRET_KEYS", Fernet.generate_key().decode())
os.environ.setdefault("DATABASE_URL", "postgresql://localhost/paddock")
os.environ.setdefault("CELERY_BROKER_URL", "redis://localhost:6379/0")

from paddock.settings.base import *  # noqa: F403

DEBUG = False
PASSWORD_SIGN_IN = True
PRIVATE_ADDRESSES_ALLOWED = WEBHOOKS_ARE_LOCAL = True
# Tests about the second factor ask for it.
OPERATOR_MFA_REQUIRED = False
ALLOWED_HOSTS = ["*"]
PADDOCK_AWS_PRINCIPAL = "arn:aws:iam::123456789012:root"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Tests about the limits set their own.
REGISTRATION_RATE_PER_CLIENT = REGISTRATION_RATE_PER_ADDRESS = "1000000/60"
API_RATE_PER_KEY = API_RATE_PER_ADDRESS = "1000000/60"
