"""角色变更与三员任免：申请、清单、确认。"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain import (
    ADMINISTRATORS,
    ROLE_GROUPS,
    ROLE_LABELS,
    ROLES,
    SCOPE_LABELS,
    SECOND_FACTOR_LABELS,
    ScopeKind,
)
from quanze.apps.org.domain.changes import ROLE_CHANGE_FLOW
from quanze.apps.org.models import RoleChange
from quanze.apps.org.selectors import loading as loading_selectors
from quanze.apps.org.selectors import people as selectors
from quanze.apps.org.web.forms import DecisionForm, RoleForm, SeatForm, listed
from quanze.apps.org.web.views.people import KEEPERS, body_choices, person_choices
from quanze.base.iam.step_up import require_step_up
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

ALL_THREE = tuple(sorted(ADMINISTRATORS))


class ChangeFilters(FilterBar):
    state = ChoiceFilter("状态", choices=tuple(ROLE_CHANGE_FLOW.states.items()))


def _what(row: RoleChange) -> str:
    if row.kind == "seat":
        words = [f"{row.after['arrives']}就任" if row.after["arrives"] else ""]
        words.append(f"{row.before['leaves']}离任" if row.before["leaves"] else "")
        return f"{ROLE_LABELS[row.after['seat']]}：{'，'.join(word for word in words if word)}"
    return f"{selectors.role_words(row.before['roles']) or '无'} → {selectors.role_words(row.after['roles']) or '无'}"


COLUMNS = (
    Column("what", "变更", value=_what, href=lambda row: _at(row.pk), clamp=True, is_fixed=True),
    Column("person", "变更谁", value=lambda row: row.user.full_name),
    Column("body", "机构", value=lambda row: row.body.name),
    Column("state", "状态", kind="state", badge="org.role_change"),
    Column("requested_by", "申请人", value=lambda row: row.requested_by.full_name),
    Column("requested_at", "申请时间", kind="time"),
    Column("decided_by", "确认人", value=lambda row: row.decided_by.full_name if row.decided_by else "—"),
)


@signed_in(*ALL_THREE)
def change_list(request: HttpRequest) -> HttpResponse:
    """角色变更清单。"""
    actor = request.actor  # type: ignore[attr-defined]
    bar = ChangeFilters(request.GET)
    rows = selectors.changes(actor=actor, state=bar.values["state"] or None)
    table = Table("role-changes", COLUMNS, request=request, title="角色变更")
    if table.wants_export:
        return table.export(rows.order_by("-id"), filters=bar)
    page = page_of(rows, request, order=("-id",))
    context = {"bar": bar, "table": table, "page": page, "batches": loading_selectors.open_batches(actor=actor)}
    return render(request, "org/changes.html", context)


@signed_in(*ALL_THREE)
def change_page(request: HttpRequest, change_id: int, form: DecisionForm | None = None) -> HttpResponse:
    """一项申请：前后对照、理由、确认。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.change(actor=actor, change_id=change_id)
    names = dict(body_choices())
    context = {
        "change": row,
        "what": _what(row),
        "sides": [] if row.kind == "seat" else [_side("变更前", row.before, names), _side("变更后", row.after, names)],
        "is_open": row.state == "requested",
        "is_mine": row.requested_by_id == actor.user_id,
        "asked_as": ROLE_LABELS.get(row.requested_as, ""),
        "form": form or DecisionForm(),
    }
    return render(request, "org/change.html", context)


def _side(label: str, state: dict[str, Any], names: dict[int, str]) -> dict[str, str]:
    scope = SCOPE_LABELS.get(state["scope"], state["scope"])
    bodies = "、".join(names.get(body_id, str(body_id)) for body_id in state["bodies"])
    return {
        "label": label,
        "roles": selectors.role_words(state["roles"]) or "没有角色",
        "scope": f"{scope}（{bodies}）" if bodies else scope,
    }


@action(form=DecisionForm, roles=ALL_THREE, invalid=change_page, page="staff:change")
def change_decide(request: HttpRequest, form: DecisionForm, change_id: int) -> Done:
    """确认或不予确认。"""
    require_step_up(request)
    state = org.role_change_decide(
        actor=request.actor,  # type: ignore[attr-defined]
        change_id=change_id,
        seen_version=seen_version(request),
        verb=form.cleaned_data["verb"],
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    said = "已确认，变更即时生效，此人须重新登录。" if state == "confirmed" else "已登记不予确认，角色没有变动。"
    return Done(said, to=reverse("staff:changes"))


@action(roles=KEEPERS, page="staff:change")
def change_withdraw(request: HttpRequest, change_id: int) -> Done:
    """撤回申请。"""
    actor = request.actor  # type: ignore[attr-defined]
    org.role_change_withdraw(actor=actor, change_id=change_id, seen_version=seen_version(request), now=timezone.now())
    return Done("申请已撤回。", to=reverse("staff:changes"))


class _RoleForm(RoleForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, bodies=body_choices(), **kwargs)


@signed_in(*KEEPERS)
def roles_ask(request: HttpRequest, appointment_id: int, form: RoleForm | None = None) -> HttpResponse:
    """申请角色变更的表单。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.appointment(actor=actor, appointment_id=appointment_id)
    start = {
        "roles": [role.role for role in row.roles.all()],
        "scope": row.scope_kind,
        "bodies": [named.body_id for named in row.named_bodies.all()],
    }
    other = "安全管理员" if actor.has("system_admin") else "系统管理员"
    context = {
        "form": form or _RoleForm(initial=start),
        "title": f"申请角色变更：{row.user.full_name} · {row.body.name}{' · ' + row.post.name if row.post else ''}",
        "text": f"申请由{other}确认后生效；生效时结束此人的登录，须重新登录。",
        "verb": "提交申请",
        "action": reverse("staff:roles_request", args=[appointment_id]),
        "version": row.lock_version,
        "back": (reverse("staff:person", args=[row.user_id]), row.user.full_name),
    }
    return render(request, "org/form.html", context)


@action(form=_RoleForm, roles=KEEPERS, invalid=roles_ask, page="staff:roles_ask")
def roles_request(request: HttpRequest, form: RoleForm, appointment_id: int) -> Done:
    """提交角色变更申请。"""
    require_step_up(request)
    data = form.cleaned_data
    change_id = org.role_change_request(
        actor=request.actor,  # type: ignore[attr-defined]
        appointment_id=appointment_id,
        seen_version=seen_version(request),
        roles=data["roles"],
        scope_kind=data["scope"],
        named_body_ids=data["bodies"] if data["scope"] == "named" else [],
        reason=data["reason"],
        now=timezone.now(),
    )
    return Done("申请已提交，等待另一位管理员确认。", to=_at(change_id))


def _seat_form(request: HttpRequest, *args: Any, **kwargs: Any) -> SeatForm:
    actor = request.actor  # type: ignore[attr-defined]
    seats = selectors.seats(actor=actor)
    seated = [(seat.user_id, f"{seat.user.full_name}（{ROLE_LABELS[seat.kind]}）") for seat in seats]
    return SeatForm(*args, people=person_choices(actor), seated=seated, bodies=body_choices(), **kwargs)


@signed_in(*ALL_THREE)
def seat_list(request: HttpRequest) -> HttpResponse:
    """现任三员。"""
    actor = request.actor  # type: ignore[attr-defined]
    seats = [
        {"label": ROLE_LABELS[seat.kind], "does": ROLES[seat.kind].does, "user": seat.user, "since": seat.since}
        for kind in ROLES
        if kind in ADMINISTRATORS
        for seat in selectors.seats(actor=actor)
        if seat.kind == kind
    ]
    context = {"seats": seats, "may_ask": actor.has(*KEEPERS), "missing": [ROLE_LABELS[k] for k in org.missing_kinds()]}
    return render(request, "org/seats.html", context)


@signed_in(*KEEPERS)
def seat_ask(request: HttpRequest, form: SeatForm | None = None) -> HttpResponse:
    """申请三员任免的表单。"""
    context = {
        "form": form or _seat_form(request),
        "title": "申请三员任免",
        "text": "系统管理员、安全管理员、审计管理员由三个人分别担任，不兼任业务角色。申请由另一类管理员确认后生效；"
        "更换时先就任、后离任，每一席始终有人。",
        "verb": "提交申请",
        "action": reverse("staff:seat_request"),
        "back": (reverse("staff:seats"), "三员"),
    }
    return render(request, "org/form.html", context)


def seat_request(request: HttpRequest) -> HttpResponse:
    """提交三员任免申请。The choices of the form depend on who is seated, therefore it is bound here."""

    class Bound(SeatForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            base = _seat_form(request)
            lists = {name: listed(base, name) for name in ("user", "leaving", "body")}
            super().__init__(*args, people=lists["user"], seated=lists["leaving"], bodies=lists["body"], **kwargs)

    return action(_seat_request, form=Bound, roles=KEEPERS, invalid=seat_ask, page="staff:seat_ask")(request)


def _seat_request(request: HttpRequest, form: SeatForm) -> Done:
    require_step_up(request)
    data = form.cleaned_data
    change_id = org.seat_change_request(
        actor=request.actor,  # type: ignore[attr-defined]
        kind=data["kind"],
        body_id=data["body"],
        user_id=data["user"],
        leaving_user_id=data["leaving"],
        reason=data["reason"],
        now=timezone.now(),
    )
    return Done("申请已提交，等待另一类管理员确认。", to=_at(change_id))


@signed_in(*ALL_THREE)
def role_table(request: HttpRequest) -> HttpResponse:
    """角色表：各角色做什么、须不须二次验证。"""
    groups = [
        {
            "label": label,
            "roles": [
                {
                    "role": role,
                    "factor": SECOND_FACTOR_LABELS[role.second_factor],
                    "scope": SCOPE_LABELS[ScopeKind(role.usual_scope)],
                }
                for role in ROLES.values()
                if role.group == group
            ],
        }
        for group, label in ROLE_GROUPS.items()
    ]
    return render(request, "org/roles.html", {"groups": groups})


def _at(change_id: int) -> str:
    return reverse("staff:change", args=[change_id])
