"""启动前的检查：没有谁什么都能做；正式运行时锁定、散列、会话时限都在。"""

import pytest
from django.db import connection

from quanze.base.iam.checks import login_protection_check, no_superuser_check
from quanze.base.iam.models import User


def ids(found):
    return [message.id for message in found]


def test_nobody_is_all_powerful():
    assert no_superuser_check() == []
    names = {field.name for field in User._meta.get_fields()}
    assert not names & {"is_superuser", "is_staff", "groups", "user_permissions"}


def test_the_admin_site_of_the_framework_is_refused(monkeypatch):
    monkeypatch.setattr("quanze.base.iam.checks.apps.is_installed", lambda name: name == "django.contrib.admin")
    assert ids(no_superuser_check()) == ["quanze.E011"]


def test_a_policy_nobody_knows_is_refused(settings):
    settings.QUANZE_PASSWORD_POLICY = "none"
    assert ids(no_superuser_check()) == ["quanze.E012"]


def test_production_is_refused_without_lock_hash_or_limits(settings):
    settings.AXES_ENABLED = True
    settings.PASSWORD_HASHERS = ["quanze.base.iam.hashers.Argon2idHasher"]
    assert login_protection_check() == []
    settings.AXES_ENABLED = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    assert ids(login_protection_check()) == ["quanze.E013", "quanze.E014", "quanze.E015"]


@pytest.mark.django_db
def test_no_table_of_the_database_knows_a_superuser():
    with connection.cursor() as cursor:
        columns = {
            column.name
            for table in connection.introspection.table_names(cursor)
            for column in connection.introspection.get_table_description(cursor, table)
        }
    assert "is_superuser" not in columns
