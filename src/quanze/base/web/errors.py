"""出错处理：领域错误 → 页面、JSON 或页面片段；拒绝在回滚后写入访问记录。

The one exception handler of the web door. Status numbers live here and nowhere else; the words come from the error.
"""

from __future__ import annotations

import errno
import logging
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.web.concurrency import VersionRequired
from quanze.core.actor import PUBLIC
from quanze.core.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotSignedIn,
    RulesNotMet,
    TooOften,
    WrongState,
)

log = logging.getLogger("quanze.web")

_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (NotSignedIn, 401),
    (TooOften, 429),
    (NotPermitted, 403),
    (VersionRequired, 428),
    (WrongState, 409),
    (Conflict, 409),
    (RulesNotMet, 422),
    (InvalidInput, 422),
)


# Answers that say no to somebody; 404 only where a domain error gave it (a foreign object answers like an absent one).
REFUSED = frozenset({401, 403, 409, 412, 423, 428, 429})


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """一种错误的话：发生了什么、什么是安全的、怎么办。"""

    title: str
    happened: str
    safe: str
    advice: str


WORDS: dict[int, ErrorWords] = {
    400: ErrorWords("请求不完整", "服务器看不懂这次请求。", "没有改动任何数据。", "请返回上一页重新操作。"),
    401: ErrorWords(
        "请先登录", "这里须登录或出示接口密钥。", "没有改动任何数据。", "请登录后再来；程序请带上接口密钥。"
    ),
    403: ErrorWords(
        "无权办理",
        "您现在的身份不能做这件事。",
        "没有改动任何数据。",
        "如有其他岗位，请切换后再试；需要权限请联系本单位管理员。",
    ),
    404: ErrorWords(
        "没有找到", "这个地址没有内容，或不在您的数据范围内。", "没有改动任何数据。", "请核对地址，或从导航、搜索进入。"
    ),
    405: ErrorWords(
        "不能这样打开",
        "这个地址只接收页面提交的办理请求，不能直接打开。",
        "没有改动任何数据。",
        "请回到原来的页面点按钮办理。",
    ),
    409: ErrorWords(
        "现在不能这样办理",
        "对象的状态已经改变，这一步不再适用。",
        "您的操作没有生效，已有数据未变。",
        "请刷新页面，看清最新状态后再办理。",
    ),
    412: ErrorWords(
        "内容已被他人修改",
        "您看过之后，别人改动了它。",
        "您的操作没有生效，对方的修改已保留。",
        "请重新打开，比对后再提交。",
    ),
    413: ErrorWords("提交的内容过大", "文件或文字超过了允许的大小。", "没有改动任何数据。", "请拆分后分次提交。"),
    422: ErrorWords(
        "内容需要修改", "提交的内容有几处不符合要求。", "您的操作没有生效，已有数据未变。", "请按提示修改后再提交。"
    ),
    428: ErrorWords(
        "请重新打开页面", "这次提交没有说明您看过哪个版本。", "没有改动任何数据。", "请重新打开页面再办理。"
    ),
    429: ErrorWords("操作过于频繁", "短时间内请求太多，已暂停接收。", "没有改动任何数据。", "请稍候几分钟再试。"),
    500: ErrorWords(
        "系统出错",
        "服务器处理时出了意外，已自动记录。",
        "未完成的改动已全部撤回。",
        "请稍后再试；仍不行时，把错误编号告诉系统管理员。",
    ),
    503: ErrorWords(
        "系统正忙",
        "同时办理的人太多，或数据库暂时连不上。",
        "您的操作没有生效，已有数据未变。",
        "请过几秒再试。",
    ),
    507: ErrorWords(
        "存储空间已满",
        "服务器的磁盘空间不足，写不进去。",
        "您的操作没有生效，已有数据未变；查阅不受影响。",
        "请联系系统管理员清理或扩大磁盘，之后再提交。",
    ),
}
_RETRY_SECONDS = 2


class DomainErrorMiddleware:
    """把页面放过的 DomainError 变成应答。Runs after the view's transaction has been rolled back."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_unavailable(error):
            return busy(request, error)
        return respond(request, error) if isinstance(error, DomainError) else None


def is_unavailable(error: BaseException | None) -> bool:
    """一时办不了而非程序出错：数据库忙、连不上，磁盘满。"""
    return isinstance(error, OperationalError | InterfaceError) or is_disk_full(error)


def is_disk_full(error: BaseException | None) -> bool:
    """磁盘满：文件写不下，或数据库说写不下。"""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    # SQLite: "database or disk is full"; PostgreSQL: class 53100.
    return isinstance(error, DatabaseError) and (
        "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", "") == "53100"
    )


def busy(request: HttpRequest, error: BaseException) -> HttpResponse:
    """数据库忙或连不上：503，请过几秒再来；磁盘满：507。The transaction has been rolled back, so a retry repeats nothing."""
    number = error_number()
    is_full = is_disk_full(error)
    what = "磁盘空间不足" if is_full else "数据库忙"
    log.warning("%s %s %s %s：%s", what, number, request.method, path_of(request), type(error).__name__)
    response = error_response(request, 507 if is_full else 503, code="disk_full" if is_full else "busy", number=number)
    if not is_full:
        response["Retry-After"] = str(_RETRY_SECONDS)
    return response


def status_of(error: DomainError, request: HttpRequest | None = None) -> int:
    """领域错误的状态码；带 If-Match 的版本冲突是 412。"""
    if isinstance(error, Conflict) and request is not None and request.headers.get("If-Match"):
        return 412
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def respond(request: HttpRequest, error: DomainError, *, more: Mapping[str, Any] | None = None) -> HttpResponse:
    """领域错误 → 应答，并记下拒绝。``more`` joins the JSON body (what the other person changed)."""
    status = status_of(error, request)
    number = error_number()
    if status in REFUSED or status == 404:
        record_refusal(request, error, number)
    response = error_response(
        request,
        status,
        code=error.code,
        message=error.message,
        hint=error.hint,
        place=str(error.place or ""),
        defects=getattr(error, "defects", ()),
        number=number,
        more=more,
    )
    if isinstance(error, NotSignedIn):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        response["Retry-After"] = str(error.retry_after)
    return response


def record_refusal(request: HttpRequest, error: DomainError, number: str) -> None:
    """拒绝写入访问记录。"""
    actor = getattr(request, "actor", PUBLIC)
    if actor.user_id is None and isinstance(error, NotFound):
        return  # a visitor's wrong address is not an attempt on anything
    record_attempt(request, "refused", f"{number} {error.code} {error.message}")


def record_attempt(request: HttpRequest, outcome: Literal["refused", "failed"], detail: str) -> None:
    """被拒或未成的请求写入访问记录，每个请求至多一条。A record that cannot be written must not hide the answer itself."""
    if getattr(request, "is_attempt_recorded", False):
        return
    request.is_attempt_recorded = True  # type: ignore[attr-defined]
    actor = getattr(request, "actor", PUBLIC)
    match = request.resolver_match
    try:
        if transaction.get_connection().needs_rollback:
            return
        audit.access_refused(
            actor=actor,
            action=match.view_name if match and match.view_name else path_of(request)[:120],
            outcome=outcome,
            subject_label=path_of(request)[:300],
            body_id=actor.body_id,
            detail=detail,
            now=timezone.now(),
        )
    except Exception:
        log.exception("被拒或未成的请求未能记下：%s", detail)


def path_of(request: HttpRequest) -> str:
    """可以写进日志与记录的地址：名为 token 的一段是凭证，遮去。"""
    match = getattr(request, "resolver_match", None)
    if match is None:  # what went wrong came before the address was read
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return request.path
    token = match.kwargs.get("token", "")
    return request.path.replace(str(token), "…") if token else request.path


def error_number() -> str:
    """错误编号：日期加随机数，供当事人报给管理员。"""
    return f"{timezone.localtime():%m%d}-{secrets.token_hex(3).upper()}"


def error_response(
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    message: str = "",
    hint: str = "",
    place: str = "",
    defects: Any = (),
    number: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """按来者的需要给出页面、JSON 或片段。"""
    number = number or error_number()
    words = WORDS.get(status, WORDS[400])
    message = message or words.happened
    if wants_json(request):
        body = {
            "code": code or f"http_{status}",
            "message": message,
            "hint": hint or words.advice,
            "place": place,
            "number": number,
            "defects": [{"code": d.code, "message": d.message, "place": str(d.place)} for d in defects],
            **(more or {}),
        }
        return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    context = {
        "status": status,
        "words": words,
        "message": message,
        "hint": hint or words.advice,
        "place": place,
        "defects": defects,
        "number": number,
        "is_public": is_public(request),
        "frame": "public_base.html" if is_public(request) else "base.html",
    }
    if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
        response = HttpResponse(render_to_string("error_toast.html", context, request), status=status)
        response["HX-Retarget"] = "#toasts"
        response["HX-Reswap"] = "beforeend"
        return response
    # A broken database must not break its own error page: no frame, no context processors.
    text = (
        render_to_string("error_bare.html", context)
        if status >= 500
        else render_to_string("error.html", context, request)
    )
    return HttpResponse(text, status=status)


def wants_json(request: HttpRequest) -> bool:
    """接口路径，或只收 JSON 的来者。"""
    accept = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or (accept.startswith("application/json") and "text/html" not in accept)


def is_public(request: HttpRequest) -> bool:
    """是否公开站点的地址。"""
    return request.path.startswith("/public/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if "header size" in str(exception):  # of one part of an upload: nothing but the name of the file is that long
        return error_response(
            request,
            400,
            code="FILENAME_INVALID",
            message="文件名过长，上传没有被接收。",
            hint="请把文件名改短（一百字以内）后再传。",
        )
    return error_response(request, 413 if type(exception).__name__ == "RequestDataTooBig" else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles the exception: also for what no view raised (the session, a middleware).
    problem = sys.exc_info()[1]
    if is_unavailable(problem) and problem is not None:
        return busy(request, problem)
    number = error_number()
    log.error("系统出错 %s %s %s", number, request.method, path_of(request))
    return error_response(request, 500, number=number)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """表单令牌不符：多半是登录已过期或页面开得太久。"""
    return error_response(
        request,
        403,
        code="csrf",
        message="页面打开太久或登录已过期，这次提交没有被接收。",
        hint="请返回上一页刷新后重新提交；填写的文字可先复制保存。",
    )
