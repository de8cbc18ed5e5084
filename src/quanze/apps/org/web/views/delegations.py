"""代理：自己的与（安全管理员）全部的；设定、终止。"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain import ADMINISTRATORS, ROLE_LABELS, ROLES
from quanze.apps.org.models import Appointment, Delegation
from quanze.apps.org.selectors import people as selectors
from quanze.apps.org.web.forms import DelegationForm, ReasonForm, listed
from quanze.base.iam.public import require_step_up
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.paging import page_of


def state_of(row: Delegation, today: date) -> str:
    """到期与未到期由日期决定，不由每天的任务。"""
    if row.state == "ended":
        return "ended"
    if row.state == "asked":
        return "asked" if today < row.valid_to else "over"
    if today < row.valid_from:
        return "waiting"
    return "granted" if today < row.valid_to else "over"


@signed_in
def delegation_list(request: HttpRequest) -> HttpResponse:
    """代理清单。"""
    actor = request.actor  # type: ignore[attr-defined]
    today = timezone.localdate()
    page = page_of(selectors.delegations(actor=actor), request, order=("-id",))
    for row in page.rows:
        row.now_state = state_of(row, today)
        row.words = selectors.role_words(row.roles)
        row.last_day = row.valid_to - timedelta(days=1)
        concerned = actor.has("security_admin") or actor.user_id in (row.deputy_id, row.appointment.user_id)
        row.may_end = concerned and row.now_state in ("asked", "granted", "waiting")
        row.may_confirm = (
            row.now_state == "asked"
            and (actor.has("system_admin") or row.appointment.user_id == actor.user_id)
            and actor.user_id not in (row.granted_by_id, row.deputy_id)
        )
    context = {
        "page": page,
        "is_security": actor.has("security_admin"),
        "may_grant": bool(_own(request)),
        "form": ReasonForm(),
    }
    return render(request, "org/delegations.html", context)


def _own(request: HttpRequest) -> list[Appointment]:
    """可以设定代理的任职：自己的；安全管理员可为某人（?of=任职）设定。"""
    actor = request.actor  # type: ignore[attr-defined]
    text = request.GET.get("of") or request.POST.get("appointment", "")
    if actor.has("security_admin"):
        return (
            [selectors.appointment(actor=actor, appointment_id=int(text))] if text.isascii() and text.isdigit() else []
        )
    if actor.roles & ADMINISTRATORS:
        return []
    return selectors.own_appointments(actor=actor, on=timezone.localdate())


def _form(request: HttpRequest, *args: Any, **kwargs: Any) -> DelegationForm:
    actor = request.actor  # type: ignore[attr-defined]
    rows = _own(request)
    held = {role.role for row in rows for role in row.roles.all()} - ADMINISTRATORS
    deputies = selectors.colleagues(
        actor=actor,
        body_ids=[row.body_id for row in rows],
        on=timezone.localdate(),
        without=[row.user_id for row in rows],
    )
    return DelegationForm(
        *args,
        appointments=[(row.pk, f"{row.body.name}{' · ' + row.post.name if row.post else ''}") for row in rows],
        deputies=deputies,
        roles=[(code, ROLE_LABELS[code]) for code in ROLES if code in held],
        **kwargs,
    )


@signed_in
def delegation_new(request: HttpRequest, form: DelegationForm | None = None) -> HttpResponse:
    """设定代理的表单。"""
    today = timezone.localdate()
    context = {
        "form": form or _form(request, initial={"valid_from": today, "last_day": today + timedelta(days=6)}),
        "title": "设定代理",
        "text": "代理人以自己的账号登录，在右上角切换为代理身份办理；记录同时写明代理人和被代理人。"
        "代理人不得审查自己或被代理人起草的内容。",
        "verb": "设定代理",
        "action": reverse("staff:delegation_create"),
        "back": (reverse("staff:delegations"), "代理"),
    }
    return render(request, "org/form.html", context)


def delegation_create(request: HttpRequest) -> HttpResponse:
    """设定代理。The choices of the form are one's own posts and colleagues, therefore it is bound here."""

    class Bound(DelegationForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            base = _form(request)
            super().__init__(
                *args,
                appointments=listed(base, "appointment"),
                deputies=listed(base, "deputy"),
                roles=listed(base, "roles"),
                **kwargs,
            )

    return action(_create, form=Bound, invalid=delegation_new, page="staff:delegation_new")(request)


def _create(request: HttpRequest, form: DelegationForm) -> Done:
    data = form.cleaned_data
    org.delegation_grant(
        actor=request.actor,  # type: ignore[attr-defined]
        appointment_id=data["appointment"],
        deputy_id=data["deputy"],
        roles=data["roles"],
        valid_from=data["valid_from"],
        valid_to=data["last_day"] + timedelta(days=1),
        reason=data["reason"],
        now=timezone.now(),
    )
    is_security = request.actor.has("security_admin")  # type: ignore[attr-defined]
    said = "已申请，待本人或系统管理员确认后生效。" if is_security else "代理已设定，到期自行终止。"
    return Done(said, to=reverse("staff:delegations"))


@action
def delegation_confirm(request: HttpRequest, delegation_id: int) -> Done:
    """确认安全管理员代设的代理。"""
    require_step_up(request)
    org.delegation_confirm(
        actor=request.actor,  # type: ignore[attr-defined]
        delegation_id=delegation_id,
        seen_version=seen_version(request),
        now=timezone.now(),
    )
    return Done("代理已确认，到期自行终止。", to=reverse("staff:delegations"))


@action(form=ReasonForm)
def delegation_end(request: HttpRequest, form: ReasonForm, delegation_id: int) -> Done:
    """终止代理。"""
    org.delegation_end(
        actor=request.actor,  # type: ignore[attr-defined]
        delegation_id=delegation_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("代理已终止。", to=reverse("staff:delegations"))
