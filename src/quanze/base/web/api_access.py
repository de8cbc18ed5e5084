"""接口的门：凭接口密钥或登录进入，密钥须有相应权限；出错答复的形式。

A key acts as its account, therefore roles and data scope are decided by the services as for a person; the scope of the
key can only take away. A browser session may use the interface too, with the form token that every page carries.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Schema
from ninja.security.base import AuthBase
from ninja.utils import check_csrf
from pydantic import Field

from quanze.base.iam.step_up import require_step_up
from quanze.base.web.access import require_roles
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted, NotSignedIn

_SAFE = ("GET", "HEAD", "OPTIONS")


class DefectOut(Schema):
    """一处缺陷。"""

    code: str = Field(description="稳定的代码")
    message: str = Field(description="何事不对")
    place: str = Field(description="何处")


class ErrorOut(Schema):
    """出错的答复：代码稳定不变，其余给人看。"""

    code: str = Field(description="稳定的代码")
    message: str = Field(description="何事何处为何")
    hint: str = Field(description="怎么办")
    place: str = Field("", description="出错位置")
    number: str = Field("", description="错误编号，供报给管理员")
    defects: list[DefectOut] = Field(default_factory=list, description="逐条缺陷")


# Declared with every operation that needs a key; writes add theirs.
READ_ERRORS: dict[Any, Any] = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 422: ErrorOut, 429: ErrorOut, 503: ErrorOut}
WRITE_ERRORS: dict[Any, Any] = {**READ_ERRORS, 409: ErrorOut}
UPDATE_ERRORS: dict[Any, Any] = {**WRITE_ERRORS, 412: ErrorOut, 428: ErrorOut}


class ApiAccess(AuthBase):
    """须登录，密钥须有 ``scope`` 权限，账号须有 ``roles`` 之一。Every scope is a scheme of its own name in OpenAPI."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: str, *roles: str) -> None:
        self.scope = scope
        self.roles = roles
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.user_id is None:
            raise NotSignedIn("须登录或出示接口密钥", hint="请带上 Authorization: Bearer 与接口密钥。")
        key = getattr(request, "api_key", None)
        if key is None and request.method not in _SAFE and check_csrf(request) is not None:
            raise NotPermitted("没有表单令牌，或令牌不符", hint="程序请用接口密钥；页面请刷新后再试。", code="csrf")
        require_scope(request, self.scope)
        require_roles(request, self.roles)
        return actor


def require_scope(request: HttpRequest, scope: str) -> None:
    """密钥须有这一权限；以登录进入的，公布前须二次验证。For what only some calls of an operation need (publishing)."""
    key = getattr(request, "api_key", None)
    if key is None:
        if scope == "publish":
            require_step_up(request)
        return
    if scope not in key.scopes:
        raise NotPermitted(f"这个接口密钥没有“{scope}”权限", hint="请另建有此权限的密钥。", code="key_scope")
