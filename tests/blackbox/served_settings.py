"""黑盒检查所用的设置：同单机设置，库可为 PostgreSQL（由 tests/postgres.sh 给出）。"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quanze.conf.local import *  # noqa: F403

QUANZE_CITY_NAME = "云泽市"
# The county's people get passwords nobody uses here; a slow hash would only slow the preparation.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
QUANZE_FIELD_KEYS = "blackbox"
if os.environ.get("QUANZE_TEST_DATABASE") == "postgres":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["QUANZE_BLACKBOX_DATABASE"],
            "USER": os.environ["PGUSER"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "CONN_MAX_AGE": 60,
        }
    }
