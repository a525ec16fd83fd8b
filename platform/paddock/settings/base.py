"""What every deployment shares. Everything that differs comes from the environment; README lists the variables."""

from pathlib import Path

import environ
from django.templatetags.static import static

from paddock.aws_principal import read_principal

ROOT = Path(__file__).resolve().parents[3]
env = environ.Env()

SECRET_KEY = env("SECRET_KEY")
# Fernet keys for secrets at rest. The first one encrypts, all of them decrypt: prepend a key to rotate.
SECRET_KEYS = env.list("SECRET_KEYS")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env("SITE_URL", default="http://localhost:8000")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "paddock.site.PaddockAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.mfa",
    "paddock.accounts",
    "paddock.tenancy",
    "paddock.audit",
    "paddock.sso",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "paddock.api",
    "events",
    "participants",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "paddock.response_headers.ResponseHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "paddock.audit.middleware.ActorMiddleware",
    "csp.middleware.CSPMiddleware",
    "paddock.content_security.AdminContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "paddock.accounts.lifetime.SessionLifetimeMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "paddock.tenancy.middleware.TenantMiddleware",
    "paddock.accounts.gates.GateMiddleware",
    "paddock.tenancy.pages.PageOrganizationMiddleware",
    "paddock.wrong_method.WrongMethodMiddleware",
]

ROOT_URLCONF = "paddock.urls"
WSGI_APPLICATION = "paddock.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["paddock.tenancy.templatetags.page_organization"],
        },
    }
]

# The application connects with DATABASE_URL and works as the tenant role; DATABASE_OWNER_URL is the owner of the
# tables, used by `migrate` alone. One login may serve as both.
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c role=paddock_app"
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_OWNER = env.db("DATABASE_OWNER_URL", default=env("DATABASE_URL"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env("CELERY_BROKER_URL")
# A server that swallows packets must not hold up a request for long. In seconds.
BROKER_TIMEOUTS = {"socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_BROKER_TRANSPORT_OPTIONS = BROKER_TIMEOUTS
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env("CACHE_URL", default=CELERY_BROKER_URL),
        "KEY_PREFIX": "paddock",
        "OPTIONS": BROKER_TIMEOUTS,
    }
}
# Token buckets for calls to providers and for registrations, shared by all processes.
THROTTLE_URL = env("THROTTLE_URL", default=CELERY_BROKER_URL)

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A lost doorbell is rung again by the sweep, so this is also the longest a lost broker can delay anyone.
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15)
# How often every account's usage is read. A budget is overrun by no more than what is trained meanwhile.
USAGE_SYNC_SECONDS = env.int("USAGE_SYNC_SECONDS", default=300)
# How often the leaderboards of open races are read.
RACE_RESULTS_SECONDS = env.int("RACE_RESULTS_SECONDS", default=180)
# How often a change of multi-user mode that has not come true is tried again.
MODE_SECONDS = env.int("MODE_SECONDS", default=60)
# How often the tables of portals are read that organizations run themselves.
INTAKE_SECONDS = env.int("INTAKE_SECONDS", default=20)
# How often everybody's models are listed.
MODELS_REFRESH_SECONDS = env.int("MODELS_REFRESH_SECONDS", default=3600)
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "participants.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        # Sweeps that nobody came for while the workers were away are not worth doing one by one.
        "options": {"expires": SWEEP_SECONDS},
    },
    "sync-due-accounts": {
        "task": "participants.tasks.sync_due_accounts",
        "schedule": USAGE_SYNC_SECONDS,
        "options": {"expires": USAGE_SYNC_SECONDS},
    },
    "read-due-results": {
        "task": "participants.tasks.read_due_results",
        "schedule": RACE_RESULTS_SECONDS,
        "options": {"expires": RACE_RESULTS_SECONDS},
    },
    "settle-due-modes": {
        "task": "participants.tasks.settle_due_modes",
        "schedule": MODE_SECONDS,
        "options": {"expires": MODE_SECONDS},
    },
    "refresh-all-models": {
        "task": "participants.tasks.refresh_all_models",
        "schedule": MODELS_REFRESH_SECONDS,
        "options": {"expires": MODELS_REFRESH_SECONDS},
    },
    "read-due-intakes": {
        "task": "participants.tasks.read_due_intakes",
        "schedule": INTAKE_SECONDS,
        "options": {"expires": INTAKE_SECONDS},
    },
    "end-lapsed-operator-sessions": {
        "task": "paddock.tenancy.tasks.end_lapsed_operator_sessions",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "mail-due-invitations": {
        "task": "participants.tasks.mail_due_invitations",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "clean-webhook-log": {
        "task": "participants.tasks.clean_webhook_log",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "forget-answers": {"task": "paddock.api.tasks.forget_answers", "schedule": 3600, "options": {"expires": 3600}},
    "mail-due-firings": {
        "task": "participants.tasks.mail_due_firings",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
}
# How long what was told by webhooks can be looked up and sent again.
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", default=30)
# Whether webhooks may go to this machine, by plain http and to any port: for the sandbox alone.
WEBHOOKS_ARE_LOCAL = False
# A claim older than this belongs to a worker that died: longer than any provider call may take.
CLAIM_SECONDS = env.int("CLAIM_SECONDS", default=180)

GRAPH_ENDPOINT = env("GRAPH_ENDPOINT", default="https://graph.microsoft.com")
ENTRA_LOGIN_ENDPOINT = env("ENTRA_LOGIN_ENDPOINT", default="https://login.microsoftonline.com")
PROVIDER_TIMEOUT_SECONDS = env.int("PROVIDER_TIMEOUT_SECONDS", default=10)
# Whom the roles that Paddock assumes must trust: the AWS account that it runs in, or the role that it runs as.
PADDOCK_AWS_PRINCIPAL = read_principal(env("PADDOCK_AWS_PRINCIPAL", default=""))

# Registrations: "amount/seconds" for one client address and for one e-mail address.
REGISTRATION_RATE_PER_CLIENT = env("REGISTRATION_RATE_PER_CLIENT", default="30/600")
REGISTRATION_RATE_PER_ADDRESS = env("REGISTRATION_RATE_PER_ADDRESS", default="10/600")
# Calls of the API: "amount/seconds" for one key, and for one client address without a key.
API_RATE_PER_KEY = env("API_RATE_PER_KEY", default="600/60")
API_RATE_PER_ADDRESS = env("API_RATE_PER_ADDRESS", default="120/60")
# Wrong passwords: "amount/seconds" from one client address and at one account.
SIGN_IN_RATE_PER_CLIENT = env("SIGN_IN_RATE_PER_CLIENT", default="20/300")
SIGN_IN_RATE_PER_ADDRESS = env("SIGN_IN_RATE_PER_ADDRESS", default="60/600")
# How many people an organization may invite to its events in a day.
EVENT_INVITATIONS_PER_DAY = env.int("EVENT_INVITATIONS_PER_DAY", default=10_000)
# Invitations of staff: "amount/seconds" by one organization and by one person.
INVITATION_RATE_PER_ORGANIZATION = env("INVITATION_RATE_PER_ORGANIZATION", default="200/86400")
INVITATION_RATE_PER_INVITER = env("INVITATION_RATE_PER_INVITER", default="30/3600")
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)
# How many reverse proxies append to X-Forwarded-For; 0 trusts the connection alone.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "paddock.accounts.backends.PasswordBackend",
    "paddock.sso.backends.SingleSignOnBackend",
]
# E-mail and password at /admin/login/ for everybody: for the demonstration. Operators may always, with a second factor.
PASSWORD_SIGN_IN = env.bool("PASSWORD_SIGN_IN", default=False)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Of allauth only single sign-on is used: nobody is ever found, joined or invited to sign up by an e-mail address.
ACCOUNT_ADAPTER = "paddock.sso.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*"]
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ADAPTER = "paddock.sso.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "paddock.sso.oidc.StrictProvider"},
    "saml": {"provider_class": "paddock.sso.saml.StrictProvider"},
}
# Whether identity providers may have private addresses, and addresses without TLS. A company's own network may need it.
PRIVATE_ADDRESSES_ALLOWED = env.bool("PRIVATE_ADDRESSES_ALLOWED", default=False)
# Parts of sign-ins from one client address, "amount/seconds": a whole company may sit behind one.
SINGLE_SIGN_ON_RATE_PER_CLIENT = env("SINGLE_SIGN_ON_RATE_PER_CLIENT", default="300/300")
OPERATOR_MFA_REQUIRED = True
MFA_ADAPTER = "paddock.accounts.second_factor.SecondFactorAdapter"
MFA_TOTP_ISSUER = "Paddock"
MFA_TOTP_TOLERANCE = 1  # clocks differ: the code before and the one after are good as well, once
# Codes of one account, right or wrong: "amount/seconds".
SECOND_FACTOR_RATE = env("SECOND_FACTOR_RATE", default="10/300")
# How long ago somebody may have shown who they are, for what cannot be undone.
REAUTHENTICATION_SECONDS = env.int("REAUTHENTICATION_SECONDS", default=900)
# The longest that a session lasts, and how long one without a move lasts in the admin.
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=12 * 3600)
ADMIN_IDLE_SECONDS = env.int("ADMIN_IDLE_SECONDS", default=2 * 3600)
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = ROOT / "static-collected"
# The templates of the roles are for whoever administers an AWS account, and may not sign in here.
STATICFILES_DIRS = [ROOT / "static", ("deploy", ROOT / "deploy")]

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Nobody else's page has a use for our files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "frame-src": ["'none'"],
        "object-src": ["'none'"],
    }
}
# The admin's pages hold expressions for Alpine.js and styles of their own, and frame mails, which are full of styles;
# still no script stands in a page, and nothing comes from a foreign host.
ADMIN_CONTENT_SECURITY_POLICY = CONTENT_SECURITY_POLICY["DIRECTIVES"] | {
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # Whatever is not derived from ApiView, which knows keys, lets nobody in.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "paddock.api.problems.answer_problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Paddock",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Runs machine-learning events on DeepRacer. Begin at /api/v1/docs/.",
    "SCHEMA_PATH_PREFIX": "/api/v1/organizations/{organization}",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AccountKind": "events.models.account.SponsoringAccount.Kind",
        "ActorKind": "paddock.audit.actors.Kind",
        "Light": "participants.domain.preflight.checks.LIGHTS",
        "MessageKind": "participants.models.message.Message.Kind",
        "MessageState": "participants.models.message.Message.State",
        "RaceState": "events.models.race.Race.State",
        "RacerState": "participants.models.racer.RacerProfile.State",
        "RegistrationStatus": "participants.models.registration.Registration.Status",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "paddock.log_masking.MaskingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    # Access tokens travel in the request lines of these libraries at DEBUG level.
    "loggers": {name: {"level": "WARNING"} for name in ("botocore", "urllib3", "msal")},
}

UNFOLD = {
    "SITE_TITLE": "Paddock",
    "SITE_HEADER": "paddock.admin_menu.name_organization",
    "SITE_SUBHEADER": "paddock.admin_menu.name_role",
    "SITE_SYMBOL": "flag",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icons/favicon.svg")}],
    "SITE_DROPDOWN": "paddock.admin_menu.list_switches",
    "ENVIRONMENT": "paddock.admin_menu.mark_organization",
    "COLORS": {
        "primary": {
            "50": "#effaf5",
            "100": "#d9f2e6",
            "200": "#b5e5d0",
            "300": "#84d2b2",
            "400": "#4fd8a0",
            "500": "#2fbf86",
            "600": "#0b6e4f",
            "700": "#095c42",
            "800": "#084a36",
            "900": "#073c2d",
            "950": "#03221a",
        }
    },
    "STYLES": [lambda request: static("css/admin.css"), lambda request: static("css/event_pages.css")],
    "SIDEBAR": {"navigation": "paddock.admin_menu.list_navigation"},
    "ACCOUNT": {"navigation": "paddock.admin_menu.list_account_links"},
    "LOGIN": {"form": "paddock.accounts.forms.SignInForm"},
    "DASHBOARD_CALLBACK": "participants.admin.pit_wall.add_overview",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}
