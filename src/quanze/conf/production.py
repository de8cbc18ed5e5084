"""生产设置：HTTPS 之后、密钥与位置来自环境；数据库是 PostgreSQL，小县也可用 SQLite；拒绝在演示数据上启动。

Every variable is explained in docs/how-to/run-in-production.md. What is missing or too weak stops the start with a
sentence, never with a default.
"""

import os
from pathlib import Path
from typing import Any

from quanze.conf.base import *  # noqa: F403
from quanze.conf.base import QUANZE_OIDC_ISSUER, QUANZE_SECOND_FACTOR, sqlite


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"缺少环境变量 {name}。请在服务的环境文件中设置后再启动。")
    return value


def _list(name: str) -> list[str]:
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]


SECRET_KEY = _required("QUANZE_SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
    raise RuntimeError("QUANZE_SECRET_KEY 太弱：须为 50 个以上的随机字符。可运行 openssl rand -base64 48 得到一个。")
# Probes of the machine itself ask for loopback; nobody outside gains anything by naming it.
ALLOWED_HOSTS = [*_required("QUANZE_ALLOWED_HOSTS").split(","), "127.0.0.1", "localhost"]
QUANZE_CITY_NAME = _required("QUANZE_CITY_NAME")
DEBUG = False
QUANZE_TRUSTED_PROXIES = _list("QUANZE_TRUSTED_PROXIES")
QUANZE_PASSWORD_POLICY = os.environ.get("QUANZE_PASSWORD_POLICY", "dengbao3")

VAR_DIR = Path(_required("QUANZE_DATA_DIR"))
QUANZE_FILES_DIR = VAR_DIR / "files"
QUANZE_WAREHOUSE_DIR = VAR_DIR / "warehouse"
QUANZE_ANCHOR_DIR = Path(os.environ.get("QUANZE_ANCHOR_DIR") or VAR_DIR / "anchors")
STATIC_ROOT = VAR_DIR / "static"

_databases: dict[str, dict[str, Any]] = {}
if os.environ.get("QUANZE_DB", "postgresql") == "sqlite":
    _databases["default"] = sqlite(VAR_DIR / "quanze.sqlite3")
else:
    _databases["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _required("QUANZE_DB_NAME"),
        "USER": _required("QUANZE_DB_USER"),
        "PASSWORD": os.environ.get("QUANZE_DB_PASSWORD", ""),
        "HOST": os.environ.get("QUANZE_DB_HOST", "127.0.0.1"),
        "PORT": os.environ.get("QUANZE_DB_PORT", "5432"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A database that does not answer must not hold every thread for minutes.
        "OPTIONS": {"connect_timeout": 5},
    }
DATABASES = _databases

# The proxy in front ends TLS and must set this header itself, whatever the visitor sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000
# Other names below the same domain belong to other offices and are not ours to force onto HTTPS; a government that
# wants it says so. The preload list is a promise for the whole domain as well.
SECURE_HSTS_INCLUDE_SUBDOMAINS = os.environ.get("QUANZE_HSTS_SUBDOMAINS", "") == "yes"
SECURE_HSTS_PRELOAD = os.environ.get("QUANZE_HSTS_PRELOAD", "") == "yes"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"

if QUANZE_SECOND_FACTOR not in ("required_roles", "everyone"):
    raise RuntimeError(
        f"QUANZE_SECOND_FACTOR 不能是 {QUANZE_SECOND_FACTOR}：正式运行须为 required_roles（三员与审批人员）或 everyone。"
    )
if QUANZE_OIDC_ISSUER and not QUANZE_OIDC_ISSUER.startswith("https://"):
    raise RuntimeError("QUANZE_OIDC_ISSUER 须以 https:// 开头：身份令牌不能经明文网络传递。")

QUANZE_METRICS_TOKEN = os.environ.get("QUANZE_METRICS_TOKEN", "")
QUANZE_METRICS_ALLOW = _list("QUANZE_METRICS_ALLOW")
QUANZE_MIN_FREE_MIB = int(os.environ.get("QUANZE_MIN_FREE_MIB", "500"))

# One JSON object per line on standard error; no personal data (base/operation/logs).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "quanze.base.operation.logs.JsonFormatter"}},
    "filters": {"without_requests": {"()": "quanze.base.operation.logs.WithoutRequests"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json"},
        "errors_only": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["without_requests"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "quanze": {"level": "INFO"},
        "django.request": {"handlers": ["errors_only"], "level": "ERROR", "propagate": False},
        # Its warnings name accounts; attempts are in the record.
        "axes": {"level": "ERROR"},
    },
}
