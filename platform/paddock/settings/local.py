"""One machine, one command: `make run` sets the addresses of the servers that it starts."""

from paddock.settings.base import *  # noqa: F403
from paddock.settings.base import env

DEBUG = env.bool("DEBUG", default=False)
PASSWORD_SIGN_IN = True
PRIVATE_ADDRESSES_ALLOWED = WEBHOOKS_ARE_LOCAL = True
# Whoever tries the demonstration has its operator's password from the launcher, and no authenticator at hand.
OPERATOR_MFA_REQUIRED = False
# The demonstration's sandbox, where the mails can be read; shown on no page of a real deployment.
SANDBOX_URL = env("SANDBOX_URL", default="")

REGISTRATION_RATE_PER_CLIENT = env("REGISTRATION_RATE_PER_CLIENT", default="10000/60")
REGISTRATION_RATE_PER_ADDRESS = env("REGISTRATION_RATE_PER_ADDRESS", default="1000/60")
API_RATE_PER_KEY = env("API_RATE_PER_KEY", default="10000/60")
API_RATE_PER_ADDRESS = env("API_RATE_PER_ADDRESS", default="10000/60")
WHITENOISE_USE_FINDERS = True
