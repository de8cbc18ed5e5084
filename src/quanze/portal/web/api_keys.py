"""接口密钥：本人的密钥；系统管理员另管系统账号与其密钥。密钥只在建立时显示一次。"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from quanze.apps.org import public as org
from quanze.base.iam import api_keys
from quanze.base.iam.step_up import require_step_up
from quanze.base.parameters import public as parameters
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.core.actor import Actor
from quanze.core.errors import NotFound
from quanze.portal.web.account import account_tabs

LARGEST_ID = 2**53 - 1


class KeyForm(forms.Form):
    """新密钥。"""

    name = forms.CharField(
        label="名称", max_length=100, help_text="给哪个系统、做什么用。", error_messages={"required": "请写明用途。"}
    )
    scopes = forms.MultipleChoiceField(
        label="权限",
        choices=list(api_keys.SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "至少选一项权限。"},
    )
    expires_on = forms.DateField(
        label="有效期至",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选择到期日期。", "invalid": "到期日期应为形如 2026-11-22 的日期。"},
    )
    account = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    appointment = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)


class SystemAccountForm(forms.Form):
    """新系统账号。"""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{1,59}$",
        label="登录名",
        error_messages={"required": "请填写登录名。", "invalid": "登录名用小写字母、数字、点、横线，2 到 60 个。"},
    )
    full_name = forms.CharField(label="系统名称", max_length=64, error_messages={"required": "请填写系统名称。"})
    note = forms.CharField(label="用途", max_length=300, error_messages={"required": "请写明用途。"})


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@never_cache
@signed_in
def key_list(request: HttpRequest, form: forms.Form | None = None, token: str = "") -> HttpResponse:
    """本人的密钥与新建。"""
    actor, now = _actor(request), timezone.now()
    today = timezone.localdate(now)
    longest = parameters.value_int("api_key_longest_days", on=today)
    own = [one for one in org.appointments_of(actor.user_id or 0, on=today) if one.delegation_id is None]
    is_admin = actor.has("system_admin")
    key_form = form if isinstance(form, KeyForm) else KeyForm(initial={"expires_on": today + timedelta(days=90)})
    context: dict[str, Any] = {
        "tabs": account_tabs("api_keys"),
        "keys": [(one, one.is_usable(now)) for one in api_keys.keys_of(actor=actor)],
        "form": key_form,
        "account_form": form if isinstance(form, SystemAccountForm) else SystemAccountForm(),
        "appointments": own,
        "appointment": str(key_form["appointment"].value() or actor.appointment_id or ""),
        "is_admin": is_admin,
        "accounts": api_keys.system_accounts() if is_admin else [],
        "chosen_account": str(key_form["account"].value() or ""),
        "longest_on": today + timedelta(days=longest - 1),
        "longest": longest,
        "token": token,
    }
    return render(request, "api_keys.html", context)


@action(form=KeyForm, invalid=key_list, page="api_keys")
def key_create(request: HttpRequest, form: KeyForm) -> HttpResponse:
    """建立密钥，显示一次。"""
    require_step_up(request)
    actor, now = _actor(request), timezone.now()
    given = form.cleaned_data
    user_id = int(given["account"] or actor.user_id or 0)
    appointment = given["appointment"] if user_id == actor.user_id else None
    if appointment is not None:
        own = org.appointments_of(user_id, on=timezone.localdate(now))
        if appointment not in {one.id for one in own if one.delegation_id is None}:
            raise NotFound("没有这个任职", hint="任职可能已到期，请刷新页面。")
    new = api_keys.api_key_create(
        actor=actor,
        user_id=user_id,
        name=given["name"],
        scopes=given["scopes"],
        expires_at=_end_of(given["expires_on"]),
        appointment_id=appointment,
        now=now,
    )
    return key_list(request, token=new.token)


def _end_of(day: Any) -> datetime:
    """到期日的末了。"""
    return timezone.make_aware(datetime.combine(day, time.max))


@action
def key_revoke(request: HttpRequest, key_id: int) -> Done:
    """吊销密钥。"""
    api_keys.api_key_revoke(actor=_actor(request), key_id=key_id, now=timezone.now())
    return Done("密钥已吊销，即刻失效。", to=reverse("api_keys"))


@action(form=SystemAccountForm, roles=("system_admin",), invalid=key_list, page="api_keys")
def system_account_create(request: HttpRequest, form: SystemAccountForm) -> Done:
    """建立系统账号。"""
    require_step_up(request)
    api_keys.system_account_create(actor=_actor(request), now=timezone.now(), **form.cleaned_data)
    return Done("系统账号已建立。请先在“人员与任职”中给它任职（机构与角色），再在这里建密钥。", to=reverse("api_keys"))
