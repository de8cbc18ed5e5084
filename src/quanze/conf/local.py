"""单机设置：嵌入式数据库，本机访问。"""

import os
import secrets

from quanze.conf.base import *  # noqa: F403
from quanze.conf.base import PROJECT_DIR, sqlite

_DATA_DIR = PROJECT_DIR / os.environ.get("QUANZE_DATA_DIR", "var")
VAR_DIR = _DATA_DIR
_DATA_DIR.mkdir(parents=True, exist_ok=True)
_key_file = _DATA_DIR / "secret_key"
if not _key_file.exists():
    _key_file.write_text(secrets.token_urlsafe(50))
    _key_file.chmod(0o600)
SECRET_KEY = _key_file.read_text()

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES = {"default": sqlite(_DATA_DIR / "quanze.sqlite3")}
QUANZE_FILES_DIR = _DATA_DIR / "files"
QUANZE_WAREHOUSE_DIR = _DATA_DIR / "warehouse"
QUANZE_ANCHOR_DIR = _DATA_DIR / "anchors"
STATIC_ROOT = _DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
