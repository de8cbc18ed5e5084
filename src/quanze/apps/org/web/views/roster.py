"""值班表：此刻谁值班、今后的班；排班、换班、撤销、载入。"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain.roster import DEFAULT_SHIFT, PART_LABELS, SHIFTS, RosterPart
from quanze.apps.org.models import Division
from quanze.apps.org.selectors import roster as selectors
from quanze.apps.org.selectors.directory import current
from quanze.apps.org.selectors.roster_workbook import roster_template
from quanze.apps.org.web.forms import DATE, ReasonForm
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.exporting import XLSX, download
from quanze.base.web.paging import page_of
from quanze.core.errors import RulesNotMet

SHOWN_DEFECTS = 200


class TurnForm(forms.Form):
    """排一班。"""

    on = forms.DateField(label="日期", widget=DATE)
    shift = forms.ChoiceField(
        label="班次",
        choices=[(one.code, f"{one.label}（{one.starts:%H:%M} 起）") for one in SHIFTS.values()],
        initial=DEFAULT_SHIFT,
    )
    part = forms.ChoiceField(label="带班或值班", choices=[(str(code), label) for code, label in PART_LABELS.items()])
    user = forms.TypedChoiceField(label="值班人", coerce=int, widget=forms.Select(attrs={"data-select": ""}))
    division = forms.TypedChoiceField(label="内设机构", coerce=int, empty_value=None, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False, help_text="如值班电话、地点。")


class SwapForm(ReasonForm):
    """换班。"""

    user = forms.TypedChoiceField(label="改由谁值", coerce=int, widget=forms.Select(attrs={"data-select": ""}))
    field_order = ("user", "reason")


class RosterFileForm(forms.Form):
    """上传值班表。"""

    file = forms.FileField(
        label="值班表",
        help_text="xlsx 或 xls；表中写到的日期以表为准。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xls,.xlsx"}),
        error_messages={"required": "请选择值班表。", "empty": "文件是空的，请重新选择。"},
    )


def _people(request: HttpRequest) -> list[tuple[int, str]]:
    actor = request.actor  # type: ignore[attr-defined]
    return [(pk, f"{name}（{login}）") for pk, login, name in selectors.people_of(actor=actor, on=timezone.localdate())]


def _turn_form(request: HttpRequest, data: Any = None) -> TurnForm:
    form = TurnForm(data, initial={"on": timezone.localdate(), "part": str(RosterPart.MEMBER)})
    actor = request.actor  # type: ignore[attr-defined]
    divisions = Division.objects.filter(current(timezone.localdate()), body_id=actor.body_id or 0)
    form.fields["user"].choices = _people(request)  # type: ignore[attr-defined]
    form.fields["division"].choices = [("", "（整个机构）"), *((row.pk, row.name) for row in divisions)]  # type: ignore[attr-defined]
    return form


@signed_in
def roster_page(
    request: HttpRequest,
    form: forms.Form | None = None,
    refused: RulesNotMet | None = None,
) -> HttpResponse:
    """此刻值班与今后的班。"""
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    chosen = request.GET.get("body", "")
    body_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
    rows = selectors.turns(scope=actor.scope, body_id=body_id, starts=timezone.localdate() - timedelta(days=1))
    page = page_of(rows.filter(ends_at__gt=now), request, order=("starts_at", "id"))
    keeps = selectors.keeps_roster(actor)
    for row in page.rows:
        row.shift_label = SHIFTS[row.shift].label if row.shift in SHIFTS else row.shift
        row.part_label = PART_LABELS[RosterPart(row.part)]
        row.may_change = keeps and row.body_id == actor.body_id
    defects = list(refused.defects) if refused else []
    context = {
        "now_on_duty": selectors.on_duty(scope=actor.scope, at=now, body_ids=None if body_id is None else [body_id]),
        "page": page,
        "keeps": keeps,
        "bodies": selectors.bodies_seen(scope=actor.scope),
        "body_id": body_id,
        "turn_form": form if isinstance(form, TurnForm) else (_turn_form(request) if keeps else None),
        "file_form": form if isinstance(form, RosterFileForm) else RosterFileForm(),
        "refused": refused,
        "defects": defects[:SHOWN_DEFECTS],
    }
    return render(request, "org/roster.html", context)


@signed_in
def roster_blank(request: HttpRequest) -> HttpResponse:
    """空白的值班表。"""
    return download(roster_template(), "值班表空白表.xlsx", XLSX)


def turn_create(request: HttpRequest) -> HttpResponse:
    """排一班。The choices are the colleagues of one's own body, therefore the form is bound here."""

    class Bound(TurnForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            base = _turn_form(request)
            for name in ("user", "division"):
                self.fields[name].choices = base.fields[name].choices  # type: ignore[attr-defined]

    return action(_create, form=Bound, invalid=roster_page, page="staff:roster")(request)


def _create(request: HttpRequest, form: TurnForm) -> Done:
    data = form.cleaned_data
    org.turn_plan(
        actor=request.actor,  # type: ignore[attr-defined]
        on=data["on"],
        shift=data["shift"],
        part=data["part"],
        user_id=data["user"],
        division_id=data["division"],
        note=data["note"],
        now=timezone.now(),
    )
    return Done("已排。", to=reverse("staff:roster"))


@action(form=RosterFileForm, invalid=roster_page, page="staff:roster")
def roster_load(request: HttpRequest, form: RosterFileForm) -> Any:
    """载入值班表；有缺陷的全部列出。"""
    upload = form.cleaned_data["file"]
    try:
        done = org.roster_load(
            actor=request.actor,  # type: ignore[attr-defined]
            data=upload.read(),
            name=upload.name,
            now=timezone.now(),
        )
    except RulesNotMet as refused:
        response = roster_page(request, refused=refused)
        response.status_code = 422
        return response
    said = f"新排 {done.planned} 班，撤销 {done.cancelled} 班，照旧 {done.unchanged} 班。"
    return Done(f"值班表已载入：{said}{'；'.join(done.notes)}", to=reverse("staff:roster"))


@signed_in
def turn_page(request: HttpRequest, turn_id: int, form: forms.Form | None = None) -> HttpResponse:
    """一班：换班与撤销。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.turn(scope=actor.scope, turn_id=turn_id)
    may_change = selectors.keeps_roster(actor) and row.body_id == actor.body_id and row.ends_at > timezone.now()
    swap = form if isinstance(form, SwapForm) else SwapForm(initial={"user": row.user_id})
    swap.fields["user"].choices = _people(request)  # type: ignore[attr-defined]
    context = {
        "turn": row,
        "shift_label": SHIFTS[row.shift].label if row.shift in SHIFTS else row.shift,
        "part_label": PART_LABELS[RosterPart(row.part)],
        "may_change": may_change,
        "swap": swap,
    }
    return render(request, "org/turn.html", context)


def turn_swap(request: HttpRequest, turn_id: int) -> HttpResponse:
    """换班。"""

    class Bound(SwapForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            actor = request.actor  # type: ignore[attr-defined]
            selectors.turn(scope=actor.scope, turn_id=turn_id)
            super().__init__(*args, **kwargs)
            self.fields["user"].choices = _people(request)  # type: ignore[attr-defined]

    return action(_swap, form=Bound, invalid=turn_page, page="staff:turn")(request, turn_id=turn_id)


def _swap(request: HttpRequest, form: SwapForm, turn_id: int) -> Done:
    org.turn_change(
        actor=request.actor,  # type: ignore[attr-defined]
        turn_id=turn_id,
        seen_version=seen_version(request),
        user_id=form.cleaned_data["user"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("已换班，两人都收到了消息。", to=reverse("staff:roster"))


@action(form=ReasonForm, page="staff:turn")
def turn_cancel(request: HttpRequest, form: ReasonForm, turn_id: int) -> Done:
    """撤销一班。"""
    org.turn_cancel(
        actor=request.actor,  # type: ignore[attr-defined]
        turn_id=turn_id,
        seen_version=seen_version(request),
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("这一班已撤销。", to=reverse("staff:roster"))
