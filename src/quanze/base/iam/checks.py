"""启动与部署前的检查：没有超级用户，没有框架自带的后台，口令散列够强，锁定开着，口令要求认得。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.module_loading import import_string

from quanze.base.iam.hashers import Argon2idHasher
from quanze.base.iam.models import User
from quanze.base.iam.passwords import policy_codes

_ALL_POWERFUL = frozenset({"is_superuser", "is_staff", "is_admin"})


@register(Tags.security)
def no_superuser_check(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """没有谁什么都能做：账号表没有超级用户一类的列，框架自带的管理后台没有装。"""
    found: list[CheckMessage] = []
    columns = _ALL_POWERFUL & {field.name for field in User._meta.get_fields()}
    if columns or hasattr(User.objects, "create_superuser"):
        found.append(Error("账号表里有超级用户的列或方法，与三员分立不符", hint="请去掉。", id="quanze.E010"))
    if apps.is_installed("django.contrib.admin"):
        found.append(
            Error("装了框架自带的管理后台，它绕过服务与记录", hint="请从 INSTALLED_APPS 去掉。", id="quanze.E011")
        )
    if settings.QUANZE_PASSWORD_POLICY not in policy_codes():
        found.append(
            Error(
                f"QUANZE_PASSWORD_POLICY 为“{settings.QUANZE_PASSWORD_POLICY}”，没有这种口令要求",
                hint=f"可选：{'、'.join(policy_codes())}。",
                id="quanze.E012",
            )
        )
    return found


@register(Tags.security, deploy=True)
def login_protection_check(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """正式运行：锁定开着，口令用 Argon2id，会话由服务器判断时限。"""
    found: list[CheckMessage] = []
    if not settings.AXES_ENABLED or settings.AXES_HANDLER != "quanze.base.iam.lockout.LockHandler":
        found.append(
            Error("输错口令的锁定没有开", hint="请去掉对 AXES_ENABLED、AXES_HANDLER 的改动。", id="quanze.E013")
        )
    if not issubclass(import_string(settings.PASSWORD_HASHERS[0]), Argon2idHasher):
        found.append(Error("口令散列不是 Argon2id", hint="请去掉对 PASSWORD_HASHERS 的改动。", id="quanze.E014"))
    if settings.SESSION_ENGINE != "quanze.base.iam.session_store":
        found.append(Error("会话的时限没有服务器把关", hint="请去掉对 SESSION_ENGINE 的改动。", id="quanze.E015"))
    return found
