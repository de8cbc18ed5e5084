"""第二因素的页面：一览、添加动态口令、登记安全密钥、移除、恢复码、重置。"""

from __future__ import annotations

import base64

from allauth.mfa.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from quanze.base.iam import field_key, login_flow, second_factor, single_sign_on
from quanze.base.iam.models import User
from quanze.base.iam.step_up import require_step_up
from quanze.base.iam.web.ceremony import registration_options, works_here
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.core.errors import InvalidInput, NotFound, WrongState

_SECRET_KEY = "second_factor_secret"


class CodeForm(forms.Form):
    """输入动态口令。"""

    code = forms.CharField(
        label="动态口令",
        max_length=20,
        help_text="应用里此刻显示的 6 位数字，30 秒一换。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class KeyForm(forms.Form):
    """登记安全密钥。"""

    name = forms.CharField(label="名称", max_length=40, required=False, help_text="便于辨认，例如“办公室密钥”。")
    credential = forms.JSONField(widget=forms.HiddenInput)


class ResetForm(forms.Form):
    """重置第二因素。"""

    username = forms.CharField(label="登录名", max_length=64)
    reason = forms.CharField(
        label="理由",
        max_length=200,
        help_text="写明怎样核实了身份，例如“本人持工作证当面申请，手机遗失”。写入记录。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@signed_in
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """本人的第二因素。"""
    user = _user(request)
    factors = second_factor.factors_of(user.pk)
    context = {
        "factors": factors,
        "has_totp": any(each.kind == second_factor.TOTP for each in factors),
        "codes_left": second_factor.recovery_codes_left(user.pk),
        "subject": single_sign_on.bound_subject(user.pk),
        "single_sign_on": single_sign_on.display_name(),
        "is_demanded": bool(getattr(request, "second_factor_demanded", "")),
        "can_reset": request.actor.has("security_admin"),  # type: ignore[attr-defined]
    }
    return render(request, "iam/second_factor.html", context)


@signed_in
@never_cache
def totp_add(request: HttpRequest) -> HttpResponse:
    """添加动态口令：扫码，输入一次口令。"""
    require_step_up(request)
    user = _user(request)
    if second_factor.has_factor(user.pk, second_factor.TOTP):
        return redirect("second_factor")
    secret = _pending_secret(request)
    form = CodeForm(request.POST if request.method == "POST" and "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            codes = second_factor.totp_add(
                actor=request.actor,  # type: ignore[attr-defined]
                user_id=user.pk,
                secret=secret,
                code=form.cleaned_data["code"],
                now=timezone.now(),
            )
        except InvalidInput as error:
            form.add_error("code", f"{error.message}。{error.hint}")
        else:
            request.session.pop(_SECRET_KEY, None)
            return _enrolled(request, user, second_factor.TOTP, codes)
    adapter = get_adapter()
    url = adapter.build_totp_url(user, secret)
    picture = base64.b64encode(adapter.build_totp_svg(url).encode()).decode()
    context = {"form": form, "picture": picture, "secret": _in_groups(secret), "url": url}
    return render(request, "iam/totp_add.html", context, status=422 if form.errors else 200)


@signed_in
@never_cache
def key_add(request: HttpRequest) -> HttpResponse:
    """登记安全密钥。"""
    require_step_up(request)
    user = _user(request)
    form = KeyForm(request.POST if request.method == "POST" and "credential" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            codes = second_factor.security_key_add(
                actor=request.actor,  # type: ignore[attr-defined]
                user_id=user.pk,
                name=form.cleaned_data["name"],
                credential=form.cleaned_data["credential"],
                now=timezone.now(),
            )
        except (InvalidInput, WrongState) as error:
            form.add_error(None, f"{error.message}。{error.hint}")
        else:
            return _enrolled(request, user, second_factor.SECURITY_KEY, codes)
    context = {"form": form, "options": registration_options(user), "works_here": works_here(request)}
    return render(request, "iam/key_add.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def factor_remove(request: HttpRequest, factor_id: int) -> HttpResponse:
    """移除一个第二因素。"""
    require_step_up(request)
    user = _user(request)
    second_factor.factor_remove(
        actor=request.actor,  # type: ignore[attr-defined]
        user_id=user.pk,
        factor_id=factor_id,
        now=timezone.now(),
    )
    if not second_factor.has_factor(user.pk):
        login_flow.forget_second_factor(request)
    messages.success(request, "已移除。")
    return redirect("second_factor")


@require_POST
@signed_in
@never_cache
def recovery_codes_renew(request: HttpRequest) -> HttpResponse:
    """重新生成恢复码。"""
    require_step_up(request)
    codes = second_factor.recovery_codes_renew(
        actor=request.actor,  # type: ignore[attr-defined]
        user_id=_user(request).pk,
        now=timezone.now(),
    )
    return render(request, "iam/recovery_codes.html", {"codes": codes})


@signed_in("security_admin")
def reset_page(request: HttpRequest, form: ResetForm | None = None) -> HttpResponse:
    """重置他人的第二因素：填写登录名与理由。"""
    return render(request, "iam/factor_reset.html", {"form": form or ResetForm()})


@action(form=ResetForm, roles=("security_admin",), invalid=reset_page, page="factor_reset")
def factor_reset(request: HttpRequest, form: ResetForm) -> Done:
    """办理重置。"""
    require_step_up(request)
    person = User.objects.filter(username=form.cleaned_data["username"]).first()
    if person is None:
        raise InvalidInput("没有这个登录名", hint="请核对后再填。", code="unknown_user")
    count = second_factor.factors_reset(
        actor=request.actor,  # type: ignore[attr-defined]
        user_id=person.pk,
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done(f"{person.full_name}的第二因素（{count} 个）已重置，下次登录时重新添加。", to="/account/second-factor/")


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise NotFound("没有登录")
    return user


def _pending_secret(request: HttpRequest) -> str:
    """本次会话里待启用的密钥；刷新页面不换，免得刚扫的码作废。"""
    sealed = request.session.get(_SECRET_KEY)
    if sealed:
        return field_key.unseal(sealed)
    secret = second_factor.fresh_totp_secret()
    request.session[_SECRET_KEY] = field_key.seal(secret)
    return secret


def _enrolled(request: HttpRequest, user: User, kind: str, codes: list[str]) -> HttpResponse:
    second_factor.passed_with(request, user, kind)
    label = second_factor.KIND_LABELS[kind]
    if not codes:
        messages.success(request, f"{label}已添加，下次登录时使用。")
        return redirect("second_factor")
    return render(request, "iam/recovery_codes.html", {"codes": codes, "label": label})


def _in_groups(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
