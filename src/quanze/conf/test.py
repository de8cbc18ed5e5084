"""测试设置：内存数据库（QUANZE_TEST_DATABASE=postgres 时为 PostgreSQL）、快速口令散列、临时目录。"""

import os
import tempfile
from pathlib import Path
from typing import Any

from quanze.conf.base import *  # noqa: F403
from quanze.conf.base import sqlite

SECRET_KEY = "test-only-key-with-no-value-outside-the-suite"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
QUANZE_SECOND_FACTOR = "off"  # its own tests switch it on; the county's people sign in without one
QUANZE_CITY_NAME = "测试市"
QUANZE_SHOW_STYLEGUIDE = True
QUANZE_ASKS_FIRST_START = False
_TEMPORARY = Path(tempfile.mkdtemp(prefix="quanze-test-"))
QUANZE_FILES_DIR = _TEMPORARY / "files"
QUANZE_WAREHOUSE_DIR = _TEMPORARY / "warehouse"
QUANZE_ANCHOR_DIR = _TEMPORARY / "anchors"
STATIC_ROOT = _TEMPORARY / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

_database: dict[str, Any]
if os.environ.get("QUANZE_TEST_DATABASE") == "postgres":
    _database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "quanze",
        "USER": os.environ.get("PGUSER", "quanze"),
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
    }
else:
    _database = sqlite(":memory:")
    _database["OPTIONS"]["init_command"] = "PRAGMA foreign_keys=ON;"
DATABASES = {"default": _database}
