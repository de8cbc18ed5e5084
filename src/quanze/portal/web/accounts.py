"""登录、岗位切换。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from quanze.apps.org import public as org
from quanze.base.iam import login_flow, single_sign_on
from quanze.base.iam import public as iam
from quanze.base.web import resuming
from quanze.base.web.access import signed_in
from quanze.core.errors import NotFound
from quanze.portal import sign_in
from quanze.portal.middleware import DELEGATION_KEY, SESSION_KEY
from quanze.portal.web.account import RESUME


class LoginForm(AuthenticationForm):
    """登录表单。"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The one answer for a wrong password, an unknown name and a disabled account.
        wrong = f"登录名或口令不对。请核对大小写后再试；{iam.lock_words()}。"
        self.error_messages = {"invalid_login": wrong, "inactive": wrong}
        self.fields["username"].label = "登录名"
        self.fields["password"].label = "口令"
        self.fields["username"].widget.attrs |= {"autocomplete": "username", "autofocus": True}


class LoginView(auth_views.LoginView):
    """登录页。Demonstration accounts are listed only where the settings say demo."""

    template_name = "login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "demo_accounts": demo_accounts(),
            "ended": iam.ENDED_WORDS.get(self.request.GET.get("ended", ""), ""),
            "single_sign_on": single_sign_on.display_name(),
        }

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        # Signed in only after the last step; what is due then (the record, the session) is registered in apps.py.
        next_url = self.get_redirect_url()
        kept = self.request.POST.get("resume", "")
        if kept and resuming.unpack(kept) is not None:
            self.request.session[RESUME] = kept
            next_url = reverse("resume")
        return login_flow.begin(self.request, form.get_user(), next_url=next_url)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if "username" in form.cleaned_data:
            sign_in.failed(self.request, form.cleaned_data["username"])
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def demo_accounts() -> Sequence[Any]:
    """演示账号（username password label body）；由设置指向的函数给出，非演示环境为空。"""
    provider = getattr(settings, "QUANZE_DEMO_ACCOUNTS", "")
    if not settings.QUANZE_IS_DEMO or not provider:
        return ()
    return import_string(provider)()


@require_POST
@signed_in
def appointment_switch(request: HttpRequest) -> HttpResponse:
    """切换岗位：只能换成自己当日的任职，或当日有效的代理。"""
    user_id = request.actor.user_id  # type: ignore[attr-defined]
    text = request.POST.get("appointment", "")
    rows = org.appointments_of(user_id, on=timezone.localdate())
    chosen = next((row for row in rows if row.key == text), None)
    if chosen is None:
        raise NotFound("没有这个任职", hint="任职可能已到期，请重新登录后再看。")
    if chosen.delegation_id is None:
        request.session[SESSION_KEY] = chosen.id
        request.session.pop(DELEGATION_KEY, None)
    else:
        request.session[DELEGATION_KEY] = chosen.delegation_id
    whose = f"代{chosen.on_behalf_of}，" if chosen.on_behalf_of else ""
    messages.success(request, f"现在{whose}以{chosen.body_name}{'·' + chosen.post if chosen.post else ''}的身份办理。")
    back = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if is_safe else "/")
