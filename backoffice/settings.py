"""Settings of every process. What differs between installations comes from the environment (see environment.py)."""

from pathlib import Path

import structlog
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from backoffice import environment, logs

environment.refuse_unknown()

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = environment.folder("BACKOFFICE_STATE", BASE_DIR / ".local")

DEBUG = environment.flag("BACKOFFICE_DEBUG")
HTTPS = environment.flag("BACKOFFICE_HTTPS")
RIBBON = environment.text("BACKOFFICE_RIBBON")
SECRET_KEY = environment.text("BACKOFFICE_SECRET_KEY")
if not SECRET_KEY:
    from backoffice import local

    SECRET_KEY = local.secret_key(STATE_DIR)

ALLOWED_HOSTS = environment.names("BACKOFFICE_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.names("BACKOFFICE_ORIGINS")
ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
ASGI_APPLICATION = "backoffice.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"

INSTALLED_APPS = [
    "backoffice.apps.BackofficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "simple_history",
    "django_htmx",
    "template_partials",
    "backoffice.common",
    "backoffice.people",
    "documents",
    "transactions",
    "controls",
    "backoffice.webhooks",
    "backoffice.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backoffice.web.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.web.middleware.Preferences",
    "backoffice.web.middleware.PlainTexts",
    "django_htmx.middleware.HtmxMiddleware",
    "backoffice.web.middleware.SignInRequired",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "backoffice.web.middleware.Refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.web.context.shell",
            ],
        },
    },
]

# The database. Without DATABASE_URL the embedded server of the state folder is meant; `make run` starts it.
DATABASE_URL = environment.text("DATABASE_URL")
if not DATABASE_URL:
    from backoffice import local

    DATABASE_URL = local.database_url(STATE_DIR)
DATABASES = {"default": environment.database(DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False

# The role that web and worker connect as. It owns no table; see backoffice/sql/grants.sql.
APPLICATION_ROLE = "backoffice"

REDIS_URL = environment.text("REDIS_URL")
if not REDIS_URL:
    from backoffice import local

    REDIS_URL = local.redis_url(STATE_DIR)
environment.broker(REDIS_URL)

CACHES = {
    "default": {
        "BACKEND": "backoffice.common.cache.SealedCache",
        "LOCATION": REDIS_URL.replace("redis+socket://", "unix://"),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "backoffice.web.system.stale_form"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Celery: a task is a list of identifiers; it is acknowledged when it is done, so a killed worker's task runs again.
# What lies in the broker is JSON and never a pickle: whoever writes there must not run code here.
CELERY_BROKER_URL = REDIS_URL
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.2,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ALWAYS_EAGER = environment.flag("BACKOFFICE_EAGER")
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "transactions.sweep", "schedule": 30.0},
    "standing": {"task": "transactions.standing", "schedule": 300.0},
    "watch-instant": {"task": "transactions.watch_instant", "schedule": 5.0},
    "send-due": {"task": "transactions.send_due", "schedule": 60.0},
    "recall-deadlines": {"task": "transactions.recall_deadlines", "schedule": 300.0},
    "transmit-due": {"task": "transactions.transmit_due", "schedule": 15.0},
    "fetch-due": {"task": "transactions.fetch_due", "schedule": 60.0},
    "sweep-backtests": {"task": "controls.sweep_backtests", "schedule": 60.0},
    "score": {"task": "controls.score", "schedule": 60.0},
    "watch-cases": {"task": "controls.watch_cases", "schedule": 60.0},
    "learn-expected": {"task": "controls.learn_expected", "schedule": crontab(hour="2", minute="20")},
    "look-days": {"task": "controls.look_days", "schedule": 900.0},
    "match-due": {"task": "controls.match_due", "schedule": 30.0},
    "look-expected": {"task": "controls.look_expected", "schedule": 3600.0},
    "retrain": {"task": "controls.retrain", "schedule": crontab(day_of_month="1", hour="1", minute="30")},
    "watch-models": {"task": "controls.watch_models", "schedule": crontab(hour="0", minute="40")},
    "sweep-trainings": {"task": "controls.sweep_trainings", "schedule": 300.0},
    "follow": {"task": "webhooks.follow", "schedule": 2.0},
    "sweep-webhooks": {"task": "webhooks.sweep", "schedule": 15.0},
    "forget-deliveries": {"task": "webhooks.forget", "schedule": 900.0},
    "rescreen-due": {"task": "controls.rescreen_due", "schedule": 60.0},
    "fetch-lists": {"task": "controls.fetch_lists", "schedule": crontab(hour="3", minute="10")},
    "rescreen-all": {"task": "controls.rescreen_all", "schedule": crontab(hour="3", minute="40")},
    "forget-keys": {"task": "people.forget_idempotency_keys", "schedule": 900.0},
}

# People
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "backoffice.web.adapters.ClosedDoor"
SOCIALACCOUNT_ADAPTER = "backoffice.web.adapters.KnownPeopleOnly"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_FORMS = {
    "login": "backoffice.web.account_forms.SignInForm",
    "change_password": "backoffice.web.account_forms.ChangePassword",
    "reset_password": "backoffice.web.account_forms.AskForLink",
    "reset_password_from_key": "backoffice.web.account_forms.ChoosePassword",
    "reauthenticate": "backoffice.web.account_forms.ConfirmPassword",
}
ACCOUNT_LOGOUT_ON_GET = False
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "backoffice"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by administrators
MFA_FORMS = {
    "authenticate": "backoffice.web.account_forms.SecondFactor",
    "reauthenticate": "backoffice.web.account_forms.ConfirmSecondFactor",
    "activate_totp": "backoffice.web.account_forms.TurnOnSecondFactor",
}
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "Single sign-on",
                    "client_id": environment.text("BACKOFFICE_OIDC_CLIENT_ID"),
                    "secret": environment.text("BACKOFFICE_OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": environment.text("BACKOFFICE_OIDC_ISSUER")},
                }
            ]
        }
    }
    if environment.text("BACKOFFICE_OIDC_ISSUER")
    else {}
)

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "backoffice" / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "backoffice" / "static"]
# Pages name files by their hash alone; each is compressed once.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {
        "BACKEND": "documents.storage.Folder",
        # Payment files are for the programs alone, not for other users of the machine.
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = STATE_DIR / "attachments"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
INTAKE_MAX_BYTES = 200_000_000

# API
WEBHOOKS_LOOPBACK = environment.flag("BACKOFFICE_WEBHOOKS_LOOPBACK")
CHANNEL_NETWORKS = environment.networks("BACKOFFICE_CHANNEL_NETWORKS")
VERIFICATION_SIMULATOR = environment.flag("BACKOFFICE_VERIFICATION_SIMULATOR")
API_RATE_TOKEN = environment.number("BACKOFFICE_API_RATE", 6_000)
API_RATE_PERSON = environment.number("BACKOFFICE_API_RATE_PERSON", 12_000)
ANALYST_MINUTES = environment.number("BACKOFFICE_ANALYST_MINUTES", 300)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backoffice.people.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "backoffice.common.schema.HouseSchema",
    "EXCEPTION_HANDLER": "backoffice.common.api.problem_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "backoffice",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "StatusReasonEnum": "transactions.workflow.table.REJECT_REASONS",
        "CancelReasonEnum": "transactions.reasons.CANCEL_CODES",
        "ReopenReasonEnum": "transactions.reasons.REOPEN_CODES",
        "RequestKindEnum": "transactions.api.verbs.REQUEST_KINDS",
        "RefundReasonEnum": "transactions.reasons.REFUND_CODES",
        "ChargebackReasonEnum": "transactions.reasons.CHARGEBACK_CODES",
        "RecallReasonEnum": "transactions.models.recalls.Recall.Reason",
        "RecallRefusalEnum": "transactions.recalls.requests.REFUSALS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backoffice.common.schema.with_refusals",
    ],
}

# Mail goes to the state folder until a server is named.
MAIL_URL = environment.text("BACKOFFICE_MAIL_URL")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = STATE_DIR / "mail"
if MAIL_URL:
    from urllib.parse import unquote, urlsplit

    # Links that set a password never travel in clear: TLS at once (smtps), or STARTTLS where there is a password.
    _mail = urlsplit(MAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "", _mail.port or (465 if _mail.scheme == "smtps" else 25)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = bool(EMAIL_HOST_PASSWORD) and not EMAIL_USE_SSL

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Log: one JSON object a line, never a payload, an IBAN or a name.
LOG_LEVEL = environment.text("BACKOFFICE_LOG", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                logs.without_rows,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"fontTools": {"level": "ERROR"}, "paramiko": {"level": "CRITICAL"}},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
