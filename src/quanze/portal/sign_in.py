"""登录的收尾与失败：会话开始，上次登录告知本人；输错与锁定各留一条访问记录。"""

from __future__ import annotations

from typing import Literal

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.base.iam.models import User
from quanze.base.web.dates import zh_time
from quanze.core.actor import PUBLIC

_WARN_DAYS = 7
_KNOCKING = "portal.sign_in_while_locked"
Outcome = Literal["failed", "refused"]


def begin_session(request: HttpRequest, user: User, method: str) -> None:
    """全部因素都已核对：开始会话，告知上次登录。Called exactly once per login, whatever proved the person."""
    done = iam.session_begin(request, user, now=timezone.now())
    messages.info(request, last_time_words(done))
    if done.replaced:
        messages.warning(request, f"同时登录的数量已到上限，您较早的 {done.replaced} 处登录已退出。")
    if done.password_days == 0:
        messages.warning(request, "口令已到期，请先修改口令，再办理其他事项。")
    elif done.password_days is not None and done.password_days <= _WARN_DAYS:
        messages.warning(request, f"口令还有 {done.password_days} 天到期，请及时修改。")


def last_time_words(done: iam.SignIn) -> str:
    """上次登录的时间、地址，其后的失败次数。"""
    if done.before_at is None:
        said = "这是您第一次登录。"
    else:
        place = f"，来自 {done.before_from}" if done.before_from else ""
        said = f"上次登录：{zh_time(done.before_at)}{place}。"
    if done.failures:
        said += f"其后有 {done.failures} 次失败的登录；如不是您本人，请修改口令并告知安全管理员。"
    return said


def failed(request: HttpRequest, username: str) -> None:
    """口令不对，或已被锁定。A name nobody has is not written down: it may be a password in the wrong field."""
    known = iam.user_by_username(username)
    label = username if known is not None else "没有这个登录名，或已停用"
    address = iam.client_address(request)
    if iam.is_locked_out(request) and not iam.just_locked(request):
        _record(request, _KNOCKING, "refused", label, address)
        return
    iam.sign_in_failed(username)
    _record(request, "portal.sign_in_failed", "failed", label, address)
    if iam.just_locked(request):
        _record(request, "portal.sign_in_locked", "refused", label, f"{address}；{iam.lock_words()}")


def _record(request: HttpRequest, action: str, outcome: Outcome, label: str, detail: str) -> None:
    # The general record of refused requests would only repeat it.
    request.is_attempt_recorded = True  # type: ignore[attr-defined]
    # The lock itself bounds how many failures there can be; knocking at a locked door is bounded by nothing.
    write = audit.access_refused if action == _KNOCKING else audit.access
    write(actor=PUBLIC, action=action, outcome=outcome, subject_label=label, detail=detail, now=timezone.now())
