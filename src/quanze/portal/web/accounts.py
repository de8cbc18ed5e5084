"""登录、退出、岗位切换、修改口令。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from quanze.apps.org import public as org
from quanze.base.iam import login_flow, single_sign_on
from quanze.base.iam import public as iam
from quanze.base.web.access import signed_in
from quanze.core.errors import NotFound
from quanze.portal.middleware import DELEGATION_KEY, SESSION_KEY


class LoginForm(AuthenticationForm):
    """登录表单。"""

    error_messages = {
        "invalid_login": "登录名或口令不对。请核对大小写后再试；连续输错 5 次将锁定 15 分钟。",
        "inactive": "这个账号已停用，请联系本单位管理员。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
            "single_sign_on": single_sign_on.display_name(),
        }

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        # Signed in only after the last step; what is due then (the record, the session) is registered in apps.py.
        return login_flow.begin(self.request, form.get_user(), next_url=self.get_redirect_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def demo_accounts() -> Sequence[Any]:
    """演示账号（username password label body）；由设置指向的函数给出，非演示环境为空。"""
    provider = getattr(settings, "QUANZE_DEMO_ACCOUNTS", "")
    if not settings.QUANZE_IS_DEMO or not provider:
        return ()
    return import_string(provider)()


class PasswordForm(PasswordChangeForm):
    """修改口令。"""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": "现在的口令不对，请重新输入。",
        "password_mismatch": "两次输入的新口令不一样。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "现在的口令"
        self.fields["new_password1"].label = "新口令"
        self.fields["new_password1"].help_text = "至少 12 位，不能全是数字，不能与登录名、姓名相近，不能是常见口令。"
        self.fields["new_password2"].label = "再输一遍新口令"
        self.fields["new_password2"].help_text = ""


class PasswordView(auth_views.PasswordChangeView):
    """修改口令页。"""

    template_name = "password_change.html"
    form_class = PasswordForm
    success_url = reverse_lazy("desk")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        actor = self.request.actor  # type: ignore[attr-defined]
        iam.user_password_change(
            actor=actor, user_id=form.user.pk, password=form.cleaned_data["new_password1"], now=timezone.now()
        )
        form.user.refresh_from_db()
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, "口令已修改，其他设备上的登录已失效。")
        return redirect(self.get_success_url())

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


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
