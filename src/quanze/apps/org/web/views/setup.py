"""首次设置：空系统只有这一页；办完之后没有这一页。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from quanze.apps.org import public as org
from quanze.apps.org.domain import ADMINISTRATORS, ROLES
from quanze.apps.org.web.forms import SetupForm
from quanze.base.web.actions import action
from quanze.core.errors import NotFound

_SEATS = tuple(code for code in ROLES if code in ADMINISTRATORS)


def _page(request: HttpRequest, form: SetupForm | None = None) -> HttpResponse:
    form = form or SetupForm()
    seats = [
        {"role": ROLES[kind], "username": form[f"{kind}_username"], "full_name": form[f"{kind}_full_name"]}
        for kind in _SEATS
    ]
    return render(request, "org/setup.html", {"form": form, "seats": seats})


def _finish(request: HttpRequest, form: SetupForm) -> HttpResponse:
    data = form.cleaned_data
    invitations = org.setup_finish(
        token=data["token"],
        region_code=data["region_code"],
        region_name=data["region_name"],
        region_level=data["region_level"],
        body_name=data["body_name"],
        administrators={kind: org.Newcomer(data[f"{kind}_username"], data[f"{kind}_full_name"]) for kind in _SEATS},
        now=timezone.now(),
    )
    links = [
        (each, request.build_absolute_uri(reverse("account_setup_link", args=[each.token]))) for each in invitations
    ]
    response = render(request, "org/setup_done.html", {"links": links})
    response["Cache-Control"] = "no-store"
    return response


_act = action(_finish, form=SetupForm, invalid=_page, is_open=True)


@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """设置页；已设置过的系统没有这一页。"""
    if org.is_set_up():
        raise NotFound("没有这个页面")
    response: HttpResponse = _act(request) if request.method == "POST" else _page(request)
    return response
