"""二次验证的页面：原来要提交的内容原样带着，验证后接着办。"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from quanze.base.iam import login_flow, second_factor, single_sign_on, step_up
from quanze.base.iam.models import User
from quanze.base.iam.web.ceremony import authentication_options
from quanze.base.web.access import signed_in
from quanze.base.web.errors import error_response, wants_json


class StepUpMiddleware:
    """把 StepUpRequired 变成验证页。Before the general handler of domain errors, to which it is a refusal like any."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return ask(request, error) if isinstance(error, step_up.StepUpRequired) else None


def ask(request: HttpRequest, error: step_up.StepUpRequired) -> HttpResponse:
    """请求二次验证：页面、片段或 JSON。"""
    if wants_json(request):
        return error_response(request, 403, code=error.code, message=error.message, hint=error.hint)
    if getattr(request, "htmx", False):
        # A fragment cannot be continued; the page around it is opened again after the check.
        back = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{reverse('step_up')}?{urlencode({'next': back})}"
        return response
    if request.method != "POST":
        return _page(request, reverse("step_up"), [("next", request.get_full_path())], error.wrong)
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in step_up.FIELDS and name != "csrfmiddlewaretoken"
        for value in values
    ]
    return _page(request, request.get_full_path(), carried, error.wrong, has_files=bool(request.FILES))


@signed_in
def step_up_page(request: HttpRequest) -> HttpResponse:
    """验证本人，然后回到原处。"""
    target = login_flow.safe_target(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "POST":
        step_up.require_step_up(request)
        return HttpResponseRedirect(target)
    if step_up.is_fresh(request):
        return HttpResponseRedirect(target)
    return _page(request, request.path, [("next", target)], "")


def _without_export(target: str) -> str:
    """要下载的是哪一页的表；不是下载的为空。The browser stays on this page while it saves the file, so it offers the way back."""
    parts = urlsplit(target)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if name != "export"]
    return urlunsplit(parts._replace(query=urlencode(kept))) if len(kept) != len(query) else ""


def _page(
    request: HttpRequest, action: str, carried: list[tuple[str, str]], wrong: str, *, has_files: bool = False
) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    kinds = {each.kind for each in second_factor.factors_of(user.pk)}
    context = {
        "action": action,
        "carried": carried,
        "wrong": wrong,
        "has_files": has_files,
        "minutes": settings.QUANZE_STEP_UP_SECONDS // 60,
        "has_code": second_factor.TOTP in kinds,
        "options": authentication_options(user) if second_factor.SECURITY_KEY in kinds else None,
        "single_sign_on": single_sign_on.display_name()
        if login_flow.method_of(request) == login_flow.SINGLE_SIGN_ON
        else "",
        "download_page": _without_export(dict(carried).get("next", "")),
        "again": dict(carried).get("next", request.get_full_path() if request.method == "GET" else "/"),
    }
    return render(request, "iam/step_up.html", context, status=422 if wrong else 200)
