"""名录载入：空白表、上传、预览、载入、开通链接；成批角色变更的确认。"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain import SCOPE_LABELS
from quanze.apps.org.domain.changes import ROLE_CHANGE_FLOW
from quanze.apps.org.domain.directory_plan import CHANGE_LABELS, NEW, SECTION_LABELS, UNCHANGED, PlannedChange
from quanze.apps.org.selectors import loading as selectors
from quanze.apps.org.selectors import people as people_selectors
from quanze.apps.org.web.forms import DecisionForm
from quanze.apps.org.web.views.changes import ALL_THREE
from quanze.apps.org.web.views.people import SYSTEM, body_choices
from quanze.base.audit import public as audit
from quanze.base.iam.public import require_step_up
from quanze.base.sheets.writing import A4, Column, TableSheet, write_table
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import zh_time
from quanze.base.web.exporting import XLSX, download
from quanze.core.errors import RulesNotMet

SHOWN_ROWS, SHOWN_DEFECTS = 300, 300


class LoadForm(forms.Form):
    """上传名录。"""

    file = forms.FileField(
        label="名录工作簿",
        help_text="xlsx 或 xls，五张表可以只填其中几张。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xls,.xlsx"}),
        error_messages={"required": "请选择名录工作簿。", "empty": "文件是空的，请重新选择。"},
    )


class SeenPlanForm(forms.Form):
    """预览所见的摘要。"""

    seen_plan = forms.CharField(max_length=64, widget=forms.HiddenInput)


@signed_in(*SYSTEM)
def load_list(request: HttpRequest, form: LoadForm | None = None, refused: RulesNotMet | None = None) -> HttpResponse:
    """空白表、上传与历次载入。"""
    actor = request.actor  # type: ignore[attr-defined]
    rows = list(selectors.loads(actor=actor)[:50])
    for row in rows:
        row.words = _words(row.counts)  # type: ignore[attr-defined]
    defects = list(refused.defects) if refused else []
    context = {
        "form": form or LoadForm(),
        "loads": rows,
        "refused": refused,
        "defects": defects[:SHOWN_DEFECTS],
        "more_defects": max(0, len(defects) - SHOWN_DEFECTS),
    }
    return render(request, "org/loads.html", context)


def _words(counts: dict[str, dict[str, int]]) -> str:
    said = [
        f"{SECTION_LABELS[section]}{CHANGE_LABELS[change]} {number}"
        for section, by_change in counts.items()
        for change, number in by_change.items()
        if number and change != UNCHANGED
    ]
    return "，".join(said)


@signed_in(*SYSTEM)
def load_template(request: HttpRequest) -> HttpResponse:
    """下载空白表。"""
    return download(org.directory_template(), "名录空白表.xlsx", XLSX)


@action(form=LoadForm, roles=SYSTEM, invalid=load_list, page="staff:loads")
def load_upload(request: HttpRequest, form: LoadForm) -> Any:
    """上传并核对；有缺陷的全部列出。"""
    upload = form.cleaned_data["file"]
    try:
        load_id = org.directory_upload(
            actor=request.actor,  # type: ignore[attr-defined]
            data=upload.read(),
            name=upload.name,
            now=timezone.now(),
        )
    except RulesNotMet as refused:
        response = load_list(request, form=LoadForm(), refused=refused)
        response.status_code = 422
        return response
    return Done("表格已核对，没有缺陷。看清下面的变动后再载入。", to=reverse("staff:load", args=[load_id]))


@signed_in(*SYSTEM)
def load_page(request: HttpRequest, load_id: int, form: forms.Form | None = None) -> HttpResponse:
    """预览，或载入的结果。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.load(actor=actor, load_id=load_id)
    context: dict[str, Any] = {"load": row, "is_open": row.state == "checked"}
    if row.state == "checked":
        plan = selectors.plan_of(row, today=timezone.localdate())
        shown = plan.to_write[:SHOWN_ROWS]
        context |= {
            "counts": _count_rows(plan.counts),
            "changes": [_shown(each) for each in shown],
            "more": len(plan.to_write) - len(shown),
            "defects": plan.defects,
            "seen_plan": plan.digest,
            "may_apply": bool(plan.to_write) and not plan.defects,
            "roles": plan.counts["roles"]["new"] + plan.counts["roles"]["changed"],
            "total": len(plan.to_write),
        }
    else:
        context |= {"counts": _count_rows(row.counts), "people": len(row.new_users)}
    return render(request, "org/load.html", context)


def _count_rows(counts: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    return [
        {"label": SECTION_LABELS[section], **counts[section]}
        for section in SECTION_LABELS
        if any(counts.get(section, {}).values())
    ]


def _shown(change: PlannedChange) -> dict[str, Any]:
    keys = list(dict.fromkeys([*change.before, *change.after]))
    return {
        "section": SECTION_LABELS[change.section],
        "change": change.change,
        "label": change.label,
        "place": f"{change.sheet} 第 {change.row} 行",
        # A new appointment shows its whole state, a changed one only what differs.
        "pairs": [
            (key, old, new)
            for key in keys
            if (old := change.before.get(key, "")) != (new := change.after.get(key, "")) or change.change == NEW
        ],
    }


@action(form=SeenPlanForm, roles=SYSTEM, page="staff:load")
def load_apply(request: HttpRequest, form: SeenPlanForm, load_id: int) -> Done:
    """载入。"""
    require_step_up(request)
    actor = request.actor  # type: ignore[attr-defined]
    org.directory_apply(actor=actor, load_id=load_id, now=timezone.now(), **form.cleaned_data)
    return Done("名录已载入。角色等另一位管理员确认，开通链接可在本页一次取得。", to=_at(load_id))


@action(roles=SYSTEM, page="staff:load")
def load_discard(request: HttpRequest, load_id: int) -> Done:
    """放弃。"""
    actor = request.actor  # type: ignore[attr-defined]
    org.directory_discard(actor=actor, load_id=load_id, now=timezone.now())
    return Done("已放弃这次上传，什么都没有写入。", to=reverse("staff:loads"))


@action(roles=SYSTEM, page="staff:load")
def load_links(request: HttpRequest, load_id: int) -> HttpResponse:
    """开通链接工作簿：只此一次。"""
    require_step_up(request)
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    links = org.directory_links_take(actor=actor, load_id=load_id, now=now)
    rows = [
        (
            link.full_name,
            link.username,
            request.build_absolute_uri(reverse("account_setup_link", args=[link.token])),
            zh_time(link.expires_at),
        )
        for link in links
    ]
    columns = (Column("姓名", 12), Column("登录名", 18), Column("开通链接", 90), Column("有效至", 22))
    sheet = TableSheet(
        "开通链接", columns, rows, title="开通链接", subtitle="每个链接只能用一次，请分别交给本人；发完即删除本文件。"
    )
    audit.access(
        actor=actor, action="org.directory.links", outcome="exported", subject_label="成批开通链接",
        body_id=actor.body_id, detail=f"{len(rows)} 人", now=now,
    )  # fmt: skip
    return download(write_table(sheet, paper=A4), "开通链接（保密）.xlsx", XLSX)


@signed_in(*ALL_THREE)
def batch_page(request: HttpRequest, batch_id: int, form: DecisionForm | None = None) -> HttpResponse:
    """一批角色申请。"""
    actor = request.actor  # type: ignore[attr-defined]
    row, changes = selectors.batch(actor=actor, batch_id=batch_id)
    names = dict(body_choices())
    shown = [
        {
            "row": change,
            "before": people_selectors.role_words(change.before["roles"]) or "没有角色",
            "after": people_selectors.role_words(change.after["roles"]) or "没有角色",
            "scope": SCOPE_LABELS.get(change.after["scope"], ""),
            "named": "、".join(names.get(body_id, str(body_id)) for body_id in change.after["bodies"]),
        }
        for change in changes
    ]
    waiting = sum(change.state == ROLE_CHANGE_FLOW.initial for change in changes)
    context = {
        "batch": row,
        "changes": shown,
        "waiting": waiting,
        "is_mine": row.requested_by_id == actor.user_id,
        "reason": changes[0].reason if changes else "",
        "form": form or DecisionForm(),
    }
    return render(request, "org/batch.html", context)


@action(form=DecisionForm, roles=ALL_THREE, invalid=batch_page, page="staff:batch")
def batch_decide(request: HttpRequest, form: DecisionForm, batch_id: int) -> Done:
    """一次确认或不予确认。"""
    require_step_up(request)
    number = org.role_changes_decide(
        actor=request.actor,  # type: ignore[attr-defined]
        batch_id=batch_id,
        seen_version=seen_version(request),
        now=timezone.now(),
        **form.cleaned_data,
    )
    said = "已确认" if form.cleaned_data["verb"] == "confirm" else "已登记不予确认"
    return Done(f"{said} {number} 项角色变更。", to=reverse("staff:batch", args=[batch_id]))


def _at(load_id: int) -> str:
    return reverse("staff:load", args=[load_id])
