"""接口根：各能力的接口装在 /api/v1/ 下，说明见 /api/v1/openapi.json。The interactive page of the library is left out: it loads scripts from elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from quanze.apps.catalog.api import derived_router, drafting_router, reviewing_router
from quanze.apps.catalog.api import router as catalog_router
from quanze.apps.performance.api import router as events_router
from quanze.base.web.errors import error_response, respond
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet
from quanze.portal.api_shared import router as shared_router

api = NinjaAPI(title="权责清单接口", version="1.0.0", docs_url=None, urls_namespace="api")
api.add_router("", catalog_router)
api.add_router("", shared_router)
api.add_router("/work", drafting_router)
api.add_router("/work", reviewing_router)
api.add_router("/work", derived_router)
api.add_router("/events", events_router)

_LISTED = 50
_WORDS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请核对名称",
    "string_too_long": "过长",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "格式不对",
    "json_invalid": "不是合法的 JSON",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "string_type": "应为文字",
    "bool_parsing": "应为 true 或 false",
    "date_from_datetime_parsing": "应为形如 2026-11-22 的日期",
    "date_parsing": "应为形如 2026-11-22 的日期",
    "literal_error": "不在可选的值之内",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "list_type": "应为列表",
    "model_attributes_type": "应为对象",
}


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """参数或内容的形式不对：逐条说明哪一项、哪里不对。"""
    defects = [_defect(one) for one in error.errors[:_LISTED]]
    return respond(
        request,
        RulesNotMet(
            f"请求有 {len(error.errors)} 处不合要求",
            defects=defects,
            hint="请按 /api/v1/openapi.json 核对后再提交。",
            code="request_malformed",
        ),
    )


def _defect(one: dict[str, Any]) -> Defect:
    place = ".".join(str(part) for part in one["loc"] if part not in ("body", "query", "path"))
    kind = str(one["type"])
    own = str(one["ctx"].get("error", "")) if kind == "value_error" and isinstance(one.get("ctx"), dict) else ""
    words = own or _WORDS.get(kind, "不合要求")
    context = one["ctx"] if isinstance(one.get("ctx"), dict) else {}
    if context.get("max_length") is not None:
        is_list = context.get("field_type") == "List"
        words = f"{'超过上限' if is_list else '过长'}：最多 {context['max_length']} {'项' if is_list else '个字'}"
    return Defect(kind, words, ErrorPlace(field=place or "请求体（JSON 对象）"))


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """框架自己拒绝的请求（如请求体不是 JSON）。"""
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if error.status_code == 400 and encoding != "identity":
        return error_response(
            request,
            415,
            message=f"不收压缩编码的请求体（Content-Encoding: {encoding[:20]}）",
            hint="请不压缩，直接提交 JSON；一次放不下的分批提交。",
        )
    message = "请求的内容不是合法的 JSON" if error.status_code == 400 else ""
    return error_response(request, error.status_code, message=message)


urlpatterns = [path("v1/", api.urls)]
