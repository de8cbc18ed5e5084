"""口令的页面：修改本人口令；凭开通链接第一次设置或重设。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from quanze.base.iam import public as iam
from quanze.base.iam.models import User
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.core.errors import InvalidInput, NotFound
from quanze.portal.web.account import account_tabs

_TOKEN = "account_token"


class NewPasswordForm(forms.Form):
    """新口令，输入两遍。What a good one is, the service decides."""

    new_password = forms.CharField(
        label="新口令", strip=False, max_length=1000, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label="再输一遍新口令",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password"].help_text = iam.policy_on(timezone.localdate()).words

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "new_password" in self.cleaned_data and self.cleaned_data["new_password"] != again:
            raise forms.ValidationError("两次输入的新口令不一样，请重新输入")
        return again


class PasswordForm(NewPasswordForm):
    """修改口令：先输现在的。"""

    old_password = forms.CharField(
        label="现在的口令",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    field_order = ("old_password", "new_password", "again")


@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """修改本人口令。"""
    answer: HttpResponse = _password_change(request) if request.method == "POST" else _password_page(request)
    return answer


@signed_in
def _password_page(request: HttpRequest, form: forms.Form | None = None) -> HttpResponse:
    context = {
        "form": form or PasswordForm(),
        "tabs": account_tabs("password_change"),
        "must_change": iam.must_change_password(request),
    }
    return render(request, "password_change.html", context)


@action(form=PasswordForm, invalid=_password_page)
def _password_change(request: HttpRequest, form: PasswordForm) -> Done | HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    user = User.objects.get(pk=actor.user_id)
    try:
        iam.user_password_change(
            actor=actor,
            user_id=actor.user_id,
            old_password=form.cleaned_data["old_password"],
            new_password=form.cleaned_data["new_password"],
            present_key=request.session.session_key,
            now=timezone.now(),
        )
    except InvalidInput as error:
        # Guessing at the present password from a session left open counts like guessing at the login page.
        if error.code == "old_password_wrong":
            iam.failure_note(request, user.get_username())
            if iam.is_locked_out(request):
                logout(request)
        raise
    user.refresh_from_db()
    iam.password_is_new(request)
    update_session_auth_hash(request, user)
    return Done("口令已修改，您在其他地方的登录已退出。", to=reverse("account"))


def setup_link(request: HttpRequest, token: str) -> HttpResponse:
    """打开开通链接：把它收进会话再转到不带它的地址，免得留在浏览记录和转出的来路里。"""
    request.session[_TOKEN] = token
    return redirect("account_setup")


@never_cache
def setup(request: HttpRequest) -> HttpResponse:
    """凭开通链接设置口令。"""
    answer: HttpResponse = _setup_set(request) if request.method == "POST" else _setup_page(request)
    return answer


def _setup_page(request: HttpRequest, form: forms.Form | None = None) -> HttpResponse:
    try:
        holder = iam.token_holder(request.session.get(_TOKEN, ""), now=timezone.now())
    except NotFound as error:
        return render(request, "account_setup_invalid.html", {"error": error}, status=404)
    return render(request, "account_setup.html", {"form": form or NewPasswordForm(), "holder": holder})


@action(form=NewPasswordForm, invalid=_setup_page, is_open=True)
def _setup_set(request: HttpRequest, form: NewPasswordForm) -> Done | HttpResponse:
    token = request.session.get(_TOKEN, "")
    try:
        iam.token_use(token=token, password=form.cleaned_data["new_password"], now=timezone.now())
    except NotFound:
        return _setup_page(request)
    # Whoever used this browser before is signed out: the link may have been opened at somebody else's desk.
    request.session.flush()
    messages.success(request, "口令已设置，请用它登录。")
    return HttpResponseRedirect(reverse("login"))
