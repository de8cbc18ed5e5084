"""二次验证：公布、批量导出、角色变更、建接口密钥之前，五分钟内须再证明一次是本人。

A door calls ``require_step_up(request)`` first. Who has not proved himself lately gets a page that asks for the password or
a code and carries along everything that was posted; it posts to the same address, where the same call reads the answer.
"""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.iam import attempts, login_flow, second_factor
from quanze.base.iam.models import User
from quanze.core.errors import NotPermitted

SECRET_FIELD, CREDENTIAL_FIELD = "step_up_secret", "step_up_credential"
FIELDS = frozenset({SECRET_FIELD, CREDENTIAL_FIELD})


class StepUpRequired(NotPermitted):
    """须先二次验证。``wrong`` says what was wrong with the answer just given."""

    code = "step_up_required"

    def __init__(self, wrong: str = "") -> None:
        super().__init__(wrong or "这项操作需要再次验证是您本人", hint="请输入口令或动态口令后继续。")
        self.wrong = wrong


def is_fresh(request: HttpRequest) -> bool:
    """是否在规定时间内证明过本人（登录也算）。"""
    return time.time() - login_flow.proved_at(request) < settings.QUANZE_STEP_UP_SECONDS


def require_step_up(request: HttpRequest) -> None:
    """要求二次验证：刚验证过的放行；否则抛出 StepUpRequired，由中间件给出验证页。

    Only for people with a session; a key of the interface never passes here.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_authenticated:
        raise NotPermitted("请先登录", code="not_signed_in")
    if is_fresh(request):
        return
    if request.method == "POST" and not FIELDS.isdisjoint(request.POST):
        answer(request, user)
        return
    raise StepUpRequired


def answer(request: HttpRequest, user: User) -> None:
    """核对验证页的回答；不对则再问，次数与登录一样受限。"""
    if attempts.is_locked(request, user):
        _note(request, user, "iam.step_up.locked", "refused")
        raise StepUpRequired("输错次数过多，已暂停验证，请 15 分钟后再试。")
    given = request.POST.get(SECRET_FIELD, "")
    credential = request.POST.get(CREDENTIAL_FIELD, "")
    kind = _kind_of(request, user, given, credential)
    if not kind:
        _note(request, user, "iam.step_up.failed", "failed")
        raise StepUpRequired("口令或动态口令不对，请重新输入。")
    _note(request, user, "iam.step_up.passed", "read", detail=kind)


def _kind_of(request: HttpRequest, user: User, given: str, credential: str) -> str:
    """回答是哪一种凭证；都不是为空。"""
    now = timezone.now()
    if credential:
        if second_factor.security_key_use(user=user, credential=_parsed(credential), now=now):
            second_factor.passed_with(request, user, second_factor.SECURITY_KEY)
            return second_factor.SECURITY_KEY
        attempts.failed(request, user)
        return ""
    kind = second_factor.code_use(user_id=user.pk, code=given, now=now) if given else ""
    if kind:
        second_factor.passed_with(request, user, kind)
        return kind
    # A wrong password is counted by the backend itself.
    if authenticate(request, username=user.get_username(), password=given) is not None:
        login_flow.password_proved(request, user)
        return login_flow.PASSWORD
    return ""


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _note(request: HttpRequest, user: User, action: str, outcome: Any, *, detail: str = "") -> None:
    actor = request.actor  # type: ignore[attr-defined]
    request.is_attempt_recorded = True  # type: ignore[attr-defined]
    audit.access(
        actor=actor,
        action=action,
        outcome=outcome,
        subject_label=request.path,
        body_id=actor.body_id,
        detail=detail,
        now=timezone.now(),
    )
