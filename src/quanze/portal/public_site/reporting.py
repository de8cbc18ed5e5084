"""公众纠错：不用 Cookie 的表单。令牌签名、限时、一次有效；核对来源；过频者暂缓。

A signed token of the page plus the Origin check stands in for the CSRF cookie: another site can neither read the token
nor send it with our Origin. What is kept to slow floods down is a keyed digest of the address, for a day.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from quanze.apps.catalog import public as catalog
from quanze.base.calendar.public import work_calendar
from quanze.base.web import pacing
from quanze.base.web.dates import due_view
from quanze.base.web.errors import error_response
from quanze.core.errors import InvalidInput, NotFound

TOKEN_SECONDS = 2 * 3600
# Five reports at once, then one every two minutes.
REPORTS = pacing.Pace("report", per_minute=0.5, burst=5)
_SALT = "quanze.public.report"


class ReportForm(forms.Form):
    """纠错表单。``website`` is a field that people do not see and machines fill."""

    item = forms.CharField(
        label="事项编号", max_length=64, error_messages={"required": "请填事项编号，事项页上可以找到。"}
    )
    text = forms.CharField(
        label="哪里有误", max_length=2000, widget=forms.Textarea, error_messages={"required": "请写明哪里有误。"}
    )
    contact = forms.CharField(label="联系方式（可不填）", max_length=100, required=False)
    website = forms.CharField(required=False)
    token = forms.CharField(required=False, max_length=300)


@csrf_exempt  # the token and the Origin check below take its place
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """填写与提交纠错。"""
    if request.method != "POST":
        return _page(request, ReportForm(initial={"item": request.GET.get("item", "")[:64]}))
    if not is_own_origin(request):
        return error_response(
            request,
            403,
            code="foreign_origin",
            message="这次提交不是从本站页面发出的，没有被接收。",
            hint="请在本站的纠错页面填写。",
        )
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    nonce = token_nonce(form.cleaned_data["token"])
    if nonce is None:
        form.add_error(None, "页面打开太久，请核对内容后再提交一次。")
        return _page(request, form, status=422)
    now = timezone.now()
    if pacing.wait_seconds(REPORTS, request.META.get("REMOTE_ADDR", ""), now=now):
        return error_response(request, 429)
    if form.cleaned_data["website"] or not pacing.is_first("report-form", nonce, now=now):
        # A machine, or the same form sent twice: the first sending counts.
        form.add_error(None, "这份内容已经提交过。如要补充，请核对后再提交一次。")
        return _page(request, form, status=422)
    try:
        number = catalog.report_receive(
            item_code=form.cleaned_data["item"].strip(),
            text=form.cleaned_data["text"],
            contact=form.cleaned_data["contact"],
            now=now,
        )
    except NotFound:
        form.add_error("item", "没有这个事项编号，请从事项页点“纠错”进入。")
        return _page(request, form, status=422)
    except InvalidInput as error:
        form.add_error(None, str(error))
        return _page(request, form, status=422)
    response = HttpResponseRedirect(f"{reverse('public:report_status')}?number={number}&new=1")
    response.status_code = 303
    return response


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """凭编号看办理情况。"""
    number = request.GET.get("number", "").strip()[:40]
    context: dict[str, object] = {"section": "report", "number": number, "is_new": "new" in request.GET}
    if number:
        try:
            found = catalog.report_status(number=number)
        except NotFound as error:
            context["problem"] = str(error)
            return render(request, "public/report_status.html", context, status=404)
        context["report"] = found
        context["due"] = due_view(found.due_on, work_calendar(), timezone.localdate(), done_on=found.answered_at)
    return render(request, "public/report_status.html", context)


def make_token() -> str:
    """新的表单令牌。"""
    return signing.dumps(secrets.token_urlsafe(12), salt=_SALT)


def token_nonce(token: str) -> str | None:
    """令牌里的一次性标记；伪造或过期为 None。"""
    try:
        return str(signing.loads(token, salt=_SALT, max_age=TOKEN_SECONDS))
    except signing.BadSignature:
        return None


def is_own_origin(request: HttpRequest) -> bool:
    """提交是否来自本站页面：看 Origin，没有时看 Sec-Fetch-Site。"""
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.get_host()
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _page(request: HttpRequest, form: ReportForm, *, status: int = 200) -> HttpResponse:
    code = str(form["item"].value() or "").strip()
    item = None
    if code:
        try:
            item = catalog.public_item(code=code, on=timezone.localdate())
        except NotFound:
            item = None
    context = {"section": "report", "form": form, "token": make_token(), "item": item}
    return render(request, "public/report.html", context, status=status)
