"""生产设置：PostgreSQL、HTTPS、密钥来自环境；拒绝在演示数据上启动。"""

import os

from quanze.conf.base import *  # noqa: F403


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"缺少环境变量 {name}。请在服务的环境文件中设置后再启动。")
    return value


SECRET_KEY = _required("QUANZE_SECRET_KEY")
ALLOWED_HOSTS = _required("QUANZE_ALLOWED_HOSTS").split(",")
QUANZE_CITY_NAME = _required("QUANZE_CITY_NAME")
DEBUG = False
QUANZE_TRUSTED_PROXIES = [each for each in os.environ.get("QUANZE_TRUSTED_PROXIES", "").split(",") if each.strip()]
QUANZE_PASSWORD_POLICY = os.environ.get("QUANZE_PASSWORD_POLICY", "dengbao3")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _required("QUANZE_DB_NAME"),
        "USER": _required("QUANZE_DB_USER"),
        "PASSWORD": os.environ.get("QUANZE_DB_PASSWORD", ""),
        "HOST": os.environ.get("QUANZE_DB_HOST", "127.0.0.1"),
        "PORT": os.environ.get("QUANZE_DB_PORT", "5432"),
        "CONN_MAX_AGE": 60,
    }
}
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31536000
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
