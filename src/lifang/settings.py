"""Django settings, all derived from :mod:`lifang.config`."""

import contextlib
import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from lifang.config import config
from lifang.core import logs

C = config()
BASE_DIR = Path(__file__).resolve().parent
DATA_DIR = C.data.resolve()
DEBUG = C.debug


def _secret() -> str:
    """The secret key: given, or made once and kept beside the database."""
    if given := C.secret_key.get_secret_value():
        return given
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret.key"
    if not path.exists():
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(secrets.token_urlsafe(48), encoding="ascii")
        new.chmod(0o600)
        # link, not rename: of two processes that start at once, the first one's key stays
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _secret()
ALLOWED_HOSTS = [h.strip() for h in C.hosts.split(",") if h.strip()]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "lifang.core",
    "lifang.orgs",
    "lifang.places",
    "lifang.standards",
    "lifang.duties",
    "lifang.understanding",
    "lifang.cases",
    "lifang.rounds",
    "lifang.intake",
    "lifang.materials",
    "lifang.inspections",
    "lifang.surveys",
    "lifang.assessment",
    "lifang.dashboard",
    "lifang.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "lifang.core.monitoring.TimingMiddleware",
    "lifang.core.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lifang.orgs.middleware.SessionLimitsMiddleware",
    "lifang.orgs.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "lifang.core.http.ApiMiddleware",
]

ROOT_URLCONF = "lifang.urls"
WSGI_APPLICATION = "lifang.wsgi.application"
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
                "lifang.core.pages.context",
            ],
        },
    }
]


def database(address: str) -> dict[str, Any]:
    """Django's entry for a ``postgresql://`` address; empty: SQLite in the data folder."""
    if address:
        if find_spec("psycopg") is None:
            raise ImproperlyConfigured(
                "LIFANG_DATABASE_URL 指向 PostgreSQL，本机没有安装它的驱动：pip install 'lifang[postgresql]'"
            )
        url = urlsplit(address)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            "OPTIONS": dict(parse_qsl(url.query)) | {"pool": {"min_size": 1, "max_size": 8}},
            "TEST": {"NAME": C.test_db or None, "TEMPLATE": "template0", "CHARSET": "UTF8"},
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "lifang.sqlite3",
        # IMMEDIATE: a read-then-write transaction never fails with "database is locked" (docs/adr)
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16000;",
        },
        "CONN_MAX_AGE": None,
    }


DATABASES = {"default": database(C.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if C.broker_url:
    TASKS = {
        "default": {
            "BACKEND": "lifang.core.celery.CeleryBackend",
            "QUEUES": ["default", "documents", "senses"],
        }
    }
else:
    TASKS = {
        "default": {
            "BACKEND": "django_tasks_db.DatabaseBackend",
            "QUEUES": ["default", "documents", "senses"],
        }
    }

CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": C.cache_url}
        if C.cache_url
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

AUTH_USER_MODEL = "orgs.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "lifang.orgs.accounts.lockout.AccountLock",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "lifang.orgs.accounts.passwords.MixedValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/login"

SESSION_ENGINE = "lifang.orgs.accounts.store"
SESSION_COOKIE_AGE = C.session_hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = C.https
SECURE_HSTS_SECONDS = 31_536_000 if C.https else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if C.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def _sso_origin() -> list[str]:
    """The sign-in form goes on to the single sign-on of the city, where there is one."""
    at = urlsplit(C.oidc_server_url)
    return [f"{at.scheme}://{at.netloc}"] if at.netloc else []


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF, "blob:"],
        # the phone app's icons are a font inside its stylesheet
        "font-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *_sso_origin()],
        "frame-ancestors": [NONE],
    }
}

LOGGING = logs.configure(debug=DEBUG)

LANGUAGE_CODE = C.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "files"


def _storages() -> dict[str, dict[str, Any]]:
    """Files lie in the data folder; ``s3://key:secret@bucket?endpoint=…`` puts them in a bucket."""
    found: dict[str, dict[str, Any]] = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    if C.media_url:
        url = urlsplit(C.media_url)
        wishes = dict(parse_qsl(url.query))
        found["media"] = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": url.hostname,
                "access_key": unquote(url.username or "") or None,
                "secret_key": unquote(url.password or "") or None,
                "endpoint_url": wishes.get("endpoint"),
                "region_name": wishes.get("region"),
                "default_acl": None,
                "file_overwrite": True,
                "querystring_auth": True,
            },
        }
    return found


STORAGES = _storages()

_MAIL = urlsplit(C.smtp_url)
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if C.smtp_url
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = _MAIL.hostname or ""
EMAIL_PORT = _MAIL.port or (465 if _MAIL.scheme == "smtps" else 25)
EMAIL_HOST_USER = unquote(_MAIL.username or "")
EMAIL_HOST_PASSWORD = unquote(_MAIL.password or "")
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = _MAIL.scheme == "smtp+tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = C.mail_from

# Uploads stream to disk; the body of an ordinary request stays small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "lifang.orgs.accounts.views.locked"
AXES_CLIENT_IP_CALLABLE = "lifang.orgs.signin.address_of"
AXES_DISABLE_ACCESS_LOG = True  # the journal has it
AXES_VERBOSE = False

ACCOUNT_ADAPTER = "lifang.orgs.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds
MFA_ADAPTER = "lifang.orgs.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "lifang.orgs.accounts.adapters.SocialAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = (
    {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "统一身份认证",
                    "client_id": C.oidc_client_id,
                    "secret": C.oidc_client_secret.get_secret_value(),
                    "settings": {"server_url": C.oidc_server_url},
                }
            ]
        }
    }
    if C.oidc_server_url
    else {}
)
