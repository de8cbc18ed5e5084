"""安全密钥在浏览器里的一问一答：给页面的挑战。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.mfa.webauthn.internal import auth as webauthn
from django.http import HttpRequest

from quanze.base.iam.models import User


def registration_options(user: User) -> Any:
    """登记新密钥的挑战。"""
    return _plain(webauthn.begin_registration(user, False))


def authentication_options(user: User) -> Any:
    """用已登记密钥验证的挑战。"""
    return _plain(webauthn.begin_authentication(user))


def works_here(request: HttpRequest) -> bool:
    """浏览器只在 HTTPS 或 localhost 下提供安全密钥，且不认数字地址。"""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    is_number = host.replace(".", "").isdigit() or host.startswith("[")
    return not is_number and (request.is_secure() or host == "localhost")


def _plain(value: Any) -> Any:
    """fido2 的选项对象 → 页面脚本能读的字典。"""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
