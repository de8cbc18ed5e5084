"""各环境共用的设置。Whatever differs between a desk, a demonstration and production is set in the sibling modules."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

PROJECT_DIR = Path(__file__).resolve().parents[3]
VAR_DIR = PROJECT_DIR / "var"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "axes",
    # Second factors, the stages of a login, single sign-on; none of their addresses is mounted (ADR 0008).
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "quanze.base.audit",
    "quanze.base.iam",
    "quanze.base.files",
    "quanze.base.notices",
    "quanze.base.jobs",
    "quanze.base.calendar",
    "quanze.base.parameters",
    "quanze.base.web",
    "quanze.warehouse",
    "quanze.apps.org",
    "quanze.apps.workflow",
    "quanze.apps.catalog",
    "quanze.apps.adjustment",
    "quanze.apps.performance",
    "quanze.apps.evaluation",
    "quanze.portal",
]

MIDDLEWARE = [
    "quanze.base.operation.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "quanze.portal.first_start.FirstStartMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "quanze.portal.middleware.ActorMiddleware",
    "quanze.base.web.attempts.AttemptMiddleware",
    "quanze.portal.session_guard.SessionGuardMiddleware",
    "quanze.base.web.errors.DomainErrorMiddleware",
    "quanze.base.iam.web.step_up.StepUpMiddleware",
    "quanze.portal.second_factor.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "quanze.portal.urls"
WSGI_APPLICATION = "quanze.conf.wsgi.application"

# Each capability keeps its pages in its own ``web`` folder (ARCHITECTURE 1).
_WEB_ROOTS = [
    PROJECT_DIR / "src" / "quanze" / "base" / "web",
    PROJECT_DIR / "src" / "quanze" / "base" / "iam" / "web",
    *(
        PROJECT_DIR / "src" / "quanze" / "apps" / app / "web"
        for app in ("org", "workflow", "catalog", "adjustment", "performance", "evaluation")
    ),
    PROJECT_DIR / "src" / "quanze" / "portal" / "web",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [root / "templates" for root in _WEB_ROOTS],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "quanze.portal.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.static",
                "quanze.base.web.templatetags.quanze",
            ],
        },
    }
]
COTTON_DIR = "cotton"
# A component sees what it was handed and the context processors, never the variables of the page around it.
COTTON_ISOLATE_BY_DEFAULT = True

STATICFILES_DIRS = [root / "static" for root in _WEB_ROOTS if (root / "static").is_dir()]
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "iam.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "quanze.base.iam.hashers.Argon2idHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "quanze.base.iam.passwords.PolicyValidator"}]
# dengbao3 | nist: base/iam/packs/password_policies.yaml; the figures are dated parameters.
QUANZE_PASSWORD_POLICY = "dengbao3"
# Addresses or networks of our own proxies; only what they say of the client's address (X-Forwarded-For) is believed.
QUANZE_TRUSTED_PROXIES: list[str] = []
QUANZE_PASSWORD_CONTEXT_WORDS: list[str] = []  # further words no password may hold, e.g. the city in Latin letters
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "login"
AXES_HANDLER = "quanze.base.iam.lockout.LockHandler"
AXES_FAILURE_LIMIT = "quanze.base.iam.lockout.failure_limit"
AXES_COOLOFF_TIME = "quanze.base.iam.lockout.lock_time"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_CLIENT_IP_CALLABLE = "quanze.base.iam.addresses.lock_address"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else anybody keeps a colleague out for ever
AXES_DISABLE_ACCESS_LOG = True  # the record of the system is the record
AXES_LOCKOUT_CALLABLE = "quanze.portal.web.locked.locked_out"
AXES_VERBOSE = False

# Second factor: docs/how-to/second-factor.md, ADR 0008.
ACCOUNT_ADAPTER = "quanze.base.iam.login_flow.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_TIMEOUT = 300  # seconds from the password to the second factor
MFA_ADAPTER = "quanze.base.iam.login_flow.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]  # recovery codes are our own: hashed, shown once
SOCIALACCOUNT_ADAPTER = "quanze.base.iam.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
# Who must have one: required_roles (as org/packs/roles.yaml says) | administrators | everyone | off.
QUANZE_SECOND_FACTOR = os.environ.get("QUANZE_SECOND_FACTOR", "required_roles")
QUANZE_STEP_UP_SECONDS = 300
# Keys that seal secrets at rest, "id:key,id:key": the first seals, all open. Empty: derived from SECRET_KEY.
QUANZE_FIELD_KEYS = os.environ.get("QUANZE_FIELD_KEYS", "")
# Single sign-on is on when issuer and client are given; docs/how-to/single-sign-on.md.
QUANZE_OIDC_ISSUER = os.environ.get("QUANZE_OIDC_ISSUER", "")
QUANZE_OIDC_CLIENT_ID = os.environ.get("QUANZE_OIDC_CLIENT_ID", "")
QUANZE_OIDC_CLIENT_SECRET = os.environ.get("QUANZE_OIDC_CLIENT_SECRET", "")
QUANZE_OIDC_NAME = os.environ.get("QUANZE_OIDC_NAME", "统一身份认证")
QUANZE_OIDC_CLAIM = os.environ.get("QUANZE_OIDC_CLAIM", "preferred_username")

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "quanze.base.iam.session_store"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "quanze.base.web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# No inline script, nothing from elsewhere. ECharts sets element styles, therefore style attributes are allowed.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

QUANZE_FILES_DIR = VAR_DIR / "files"
QUANZE_WAREHOUSE_DIR = VAR_DIR / "warehouse"
QUANZE_ANCHOR_DIR = VAR_DIR / "anchors"
QUANZE_SEAL_ALGORITHM = "sha256"
QUANZE_JOB_LEASE_SECONDS = 60
# Larger requests are refused unread; the file limits of the purposes (parameters) lie below.
QUANZE_MAX_REQUEST_BYTES = 256 * 1024 * 1024
QUANZE_MIN_FREE_MIB = 500
# Who may read /metrics: whoever shows the token, or comes directly from one of these addresses. Nobody by default.
QUANZE_METRICS_TOKEN = ""
QUANZE_METRICS_ALLOW: list[str] = []
QUANZE_CITY_NAME = "示范市"
# Where the public reads the lists, e.g. https://qzqd.example.gov.cn, when that is another network than the desk's.
QUANZE_PUBLIC_URL = os.environ.get("QUANZE_PUBLIC_URL", "").rstrip("/")
# Sites that may show the column of a body in a frame, separated by blanks, e.g. "https://nyj.example.gov.cn".
QUANZE_EMBED_HOSTS = os.environ.get("QUANZE_EMBED_HOSTS", "").split()
# Sites whose links (办事指南) are looked at once a day, separated by blanks; a dot in front takes in everything below, e.g.
# ".hnzwfw.gov.cn". Empty: the check is off and nothing leaves the machine.
QUANZE_LINK_CHECK_HOSTS = os.environ.get("QUANZE_LINK_CHECK_HOSTS", "").split()
QUANZE_IS_DEMO = False
QUANZE_ASKS_FIRST_START = True  # an empty system shows only /setup/; docs/how-to/first-start.md
QUANZE_DEMO_BANNER = ""
QUANZE_DEMO_ACCOUNTS = (
    ""  # dotted name of a function that lists the demonstration accounts; read only where QUANZE_IS_DEMO
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"quanze": {"level": "INFO"}, "quanze.requests": {"level": "WARNING"}, "axes": {"level": "ERROR"}},
}


def sqlite(path: Path | str) -> dict[str, Any]:
    """嵌入式数据库：先写日志、立即取锁、每次提交落盘（STACK: NORMAL acknowledges commits before they are on disk）。"""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000;",
        },
    }
