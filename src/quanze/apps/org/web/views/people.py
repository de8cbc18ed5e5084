"""人员：名单、一人的页面、建账号、开通链接、停用与启用、结束登录、解锁、任职。"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain import ROLE_LABELS, ScopeKind
from quanze.apps.org.selectors import people as selectors
from quanze.apps.org.web.forms import AppointmentForm, EndForm, PersonForm, ReasonForm
from quanze.base.iam import public as iam
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.filters import ChoiceFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table

SYSTEM, SECURITY = ("system_admin",), ("security_admin",)
KEEPERS = SYSTEM + SECURITY
STATES = (("active", "启用"), ("disabled", "停用"), ("idle", "没有任职"), ("system", "系统账号"))


def body_choices() -> list[tuple[int, str]]:
    """机构下拉选项。"""
    return [(body.id, body.name) for body in org.bodies(on=timezone.localdate())]


class PeopleFilters(FilterBar):
    q = TextFilter("姓名或登录名")
    body = ChoiceFilter("机构", choices=body_choices, searchable=True)
    role = ChoiceFilter("角色", choices=tuple(ROLE_LABELS.items()), searchable=True)
    state = ChoiceFilter("账号", choices=STATES)


def state_of(row: Any) -> str:
    """账号的状态标记：停用、启用，系统账号另有一种。"""
    if not row.is_active:
        return "off"
    return "system" if selectors.is_system_account(row) else "on"


def _roles(row: Any) -> str:
    return selectors.role_words(role.role for post in row.present for role in post.roles.all())


COLUMNS = (
    Column(
        "full_name",
        "姓名",
        href=lambda row: reverse("staff:person", args=[row.pk]),
        is_fixed=True,
        clamp=True,
        is_name=True,
    ),
    Column("username", "登录名", kind="code"),
    Column("bodies", "机构", value=lambda row: "；".join(post.body.name for post in row.present) or "—"),
    Column("posts", "岗位", value=lambda row: "；".join(post.post.name for post in row.present if post.post) or "—"),
    Column("roles", "角色", value=lambda row: _roles(row) or "—"),
    Column("phone", "办公电话", is_hidden=True),
    Column("account", "账号", kind="state", badge="iam.user", value=state_of),
)


@signed_in(*KEEPERS)
def person_list(request: HttpRequest) -> HttpResponse:
    """人员名单。"""
    actor = request.actor  # type: ignore[attr-defined]
    bar = PeopleFilters(request.GET)
    values = dict(bar.values)
    values["body"] = int(values["body"]) if values["body"] else None
    rows = selectors.people(actor=actor, on=timezone.localdate(), **values)
    table = Table("staff", COLUMNS, request=request, title="人员名单")
    if table.wants_export:
        return table.export(rows.order_by("full_name", "id"), filters=bar)
    page = page_of(rows, request, order=("full_name", "id"))
    context = {"bar": bar, "table": table, "page": page, "may_create": actor.has(*SYSTEM)}
    return render(request, "org/people.html", context)


@signed_in(*KEEPERS)
def person_page(request: HttpRequest, user_id: int, link: Any = None) -> HttpResponse:
    """一人：账号、任职、经过；各管理员只见自己能办的。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.person(actor=actor, user_id=user_id)
    today = timezone.localdate()
    appointments = selectors.appointments_ever(actor=actor, user_id=user_id)
    for each in appointments:
        each.words = selectors.role_words(role.role for role in each.roles.all())  # type: ignore[attr-defined]
        each.is_over = each.valid_to is not None and each.valid_to <= today  # type: ignore[attr-defined]
        each.last_day = each.valid_to and each.valid_to - timedelta(days=1)  # type: ignore[attr-defined]
    context = {
        "person": row,
        "seat": ROLE_LABELS.get(org.seat_of(user_id), ""),
        "appointments": appointments,
        "changes": selectors.changes(actor=actor).filter(user_id=user_id, state="requested"),
        "history": [
            {"label": fact.action_label, "when": fact.at, "who": fact.actor_name, "note": fact.reason}
            for fact in selectors.history(actor=actor, user_id=user_id)
        ],
        "state": state_of(row),
        "system_account": getattr(row, "system_account", None),
        "is_system": actor.has(*SYSTEM),
        "is_security": actor.has(*SECURITY),
        "is_self": actor.user_id == user_id,
        "is_locked": actor.has(*SECURITY)
        and any(lock.value == row.username for lock in iam.locks(actor=actor, now=timezone.now())),
        "link": link,
    }
    return render(request, "org/person.html", context)


@signed_in(*SYSTEM)
def person_new(request: HttpRequest, form: PersonForm | None = None) -> HttpResponse:
    """新建账号的表单。"""
    text = "账号建立时没有口令。建好后发放一次性开通链接，由本人设置口令；任何管理员都看不到口令。"
    context = {"form": form or PersonForm(), "title": "新建账号", "verb": "建立账号", "text": text}
    return render(request, "org/form.html", {**context, "action": reverse("staff:person_create")})


@action(form=PersonForm, roles=SYSTEM, invalid=person_new, page="staff:person_new")
def person_create(request: HttpRequest, form: PersonForm) -> Done:
    """建账号。"""
    actor = request.actor  # type: ignore[attr-defined]
    view = iam.user_create(actor=actor, now=timezone.now(), **form.cleaned_data)
    return Done(f"已建立{view.full_name}的账号。接着建立任职，再发放开通链接。", to=_at(view.id))


@action(roles=SYSTEM, page="staff:person")
def link_issue(request: HttpRequest, user_id: int) -> HttpResponse:
    """发放开通链接：只显示这一次。"""
    actor = request.actor  # type: ignore[attr-defined]
    given = iam.token_issue(actor=actor, user_id=user_id, now=timezone.now())
    address = request.build_absolute_uri(reverse("account_setup_link", args=[given.token]))
    return person_page(request, user_id=user_id, link={"url": address, "until": given.expires_at})


@action(form=ReasonForm, roles=SYSTEM, page="staff:person")
def person_disable(request: HttpRequest, form: ReasonForm, user_id: int) -> Done:
    """停用账号。"""
    actor = request.actor  # type: ignore[attr-defined]
    iam.user_disable(
        actor=actor, user_id=user_id, seen_version=seen_version(request), now=timezone.now(), **form.cleaned_data
    )
    return Done("账号已停用，登录已全部结束。未办结的工作请办理交接。", to=_at(user_id))


@action(form=ReasonForm, roles=SYSTEM, page="staff:person")
def person_enable(request: HttpRequest, form: ReasonForm, user_id: int) -> Done:
    """启用账号。"""
    actor = request.actor  # type: ignore[attr-defined]
    iam.user_enable(
        actor=actor, user_id=user_id, seen_version=seen_version(request), now=timezone.now(), **form.cleaned_data
    )
    return Done("账号已启用。请另发开通链接，由本人重新设置口令。", to=_at(user_id))


@action(form=ReasonForm, roles=SECURITY, page="staff:person")
def sessions_end(request: HttpRequest, form: ReasonForm, user_id: int) -> Done:
    """结束此人的全部登录。"""
    actor = request.actor  # type: ignore[attr-defined]
    selectors.person(actor=actor, user_id=user_id)
    ended = iam.sessions_end(user_id, "revoked", actor=actor, now=timezone.now())
    return Done(f"已结束 {ended} 处登录。" if ended else "此人现在没有登录。", to=_at(user_id))


@action(form=ReasonForm, roles=SECURITY, page="staff:person")
def person_unlock(request: HttpRequest, form: ReasonForm, user_id: int) -> Done:
    """解除登录锁定。"""
    actor = request.actor  # type: ignore[attr-defined]
    iam.account_unlock(actor=actor, user_id=user_id, now=timezone.now(), **form.cleaned_data)
    return Done("已解除锁定，可以重新登录。", to=_at(user_id))


@signed_in(*SYSTEM)
def appointment_new(request: HttpRequest, user_id: int, form: AppointmentForm | None = None) -> HttpResponse:
    """新建任职的表单。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.person(actor=actor, user_id=user_id)
    context = {
        "form": form or AppointmentForm(bodies=body_choices(), initial={"valid_from": timezone.localdate()}),
        "title": f"{row.full_name}：新建任职",
        "text": "任职建立时没有角色。角色另行申请，由安全管理员确认后生效。",
        "verb": "建立任职",
        "action": reverse("staff:appointment_create", args=[user_id]),
        "back": (_at(user_id), row.full_name),
    }
    return render(request, "org/form.html", context)


class _AppointmentForm(AppointmentForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, bodies=body_choices(), **kwargs)


@action(form=_AppointmentForm, roles=SYSTEM, invalid=appointment_new, page="staff:appointment_new")
def appointment_create(request: HttpRequest, form: AppointmentForm, user_id: int) -> Done:
    """建任职。"""
    data = form.cleaned_data
    org.appointment_make(
        actor=request.actor,  # type: ignore[attr-defined]
        user_id=user_id,
        body_id=data["body"],
        post=data["post"],
        scope_kind=ScopeKind.OWN,
        valid_from=data["valid_from"],
        valid_to=data["last_day"] + timedelta(days=1) if data["last_day"] else None,
        note=data["note"],
        now=timezone.now(),
    )
    return Done("任职已建立，还没有角色。请申请角色，由安全管理员确认。", to=_at(user_id))


@signed_in(*SYSTEM)
def appointment_stop(request: HttpRequest, appointment_id: int, form: EndForm | None = None) -> HttpResponse:
    """终止任职的表单。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.appointment(actor=actor, appointment_id=appointment_id)
    context = {
        "form": form or EndForm(initial={"last_day": timezone.localdate()}),
        "title": f"终止任职：{row.user.full_name} · {row.body.name}",
        "text": "终止之后，这个任职的角色和由它设定的代理同时失效。未办结的工作请先办理交接。",
        "verb": "终止任职",
        "action": reverse("staff:appointment_end", args=[appointment_id]),
        "version": row.lock_version,
        "back": (_at(row.user_id), row.user.full_name),
    }
    return render(request, "org/form.html", context)


@action(form=EndForm, roles=SYSTEM, invalid=appointment_stop, page="staff:appointment_stop")
def appointment_end(request: HttpRequest, form: EndForm, appointment_id: int) -> Done:
    """终止任职。"""
    actor = request.actor  # type: ignore[attr-defined]
    org.appointment_end(
        actor=actor,
        appointment_id=appointment_id,
        seen_version=seen_version(request),
        valid_to=form.cleaned_data["last_day"] + timedelta(days=1),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    row = selectors.appointment(actor=actor, appointment_id=appointment_id)
    return Done("任职的终止日期已登记。", to=_at(row.user_id))


def _at(user_id: int) -> str:
    return reverse("staff:person", args=[user_id])


def person_choices(actor: Any) -> list[tuple[int, str]]:
    """启用的账号，供三员任免选人。"""
    selectors.require_keeper(actor)
    rows = get_user_model().objects.filter(is_active=True, system_account__isnull=True).order_by("full_name", "id")
    return [(row.pk, f"{row.full_name}（{row.username}）") for row in rows]
