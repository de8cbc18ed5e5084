"""机构：名录、一个机构的内设机构、岗位与人员；设立与修改。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain import BODY_KIND_LABELS, BodyKind
from quanze.apps.org.models import Region
from quanze.apps.org.selectors import body_history as history
from quanze.apps.org.selectors import people as selectors
from quanze.apps.org.web.forms import BodyChangeForm, BodyForm, DivisionForm, PostForm, listed
from quanze.apps.org.web.views.people import KEEPERS, SYSTEM, body_choices
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.concurrency import seen_version
from quanze.base.web.dates import end_of_day
from quanze.base.web.filters import ChoiceFilter, DayFilter, FilterBar, TextFilter
from quanze.base.web.paging import page_of
from quanze.base.web.tables import Column, Table


def region_choices() -> list[tuple[str, str]]:
    """区划下拉选项。"""
    return list(Region.objects.order_by("code").values_list("code", "name"))


class BodyFilters(FilterBar):
    q = TextFilter("名称或编码")
    kind = ChoiceFilter("种类", choices=tuple((str(code), label) for code, label in BODY_KIND_LABELS.items()))
    region = ChoiceFilter("区划", choices=region_choices, searchable=True)


COLUMNS = (
    Column("name", "机构", href=lambda row: _at(row.pk), clamp=True, is_fixed=True),
    Column("short_name", "简称", value=lambda row: row.short_name or "—"),
    Column("code", "编码", kind="code"),
    Column("kind", "种类", value=lambda row: BODY_KIND_LABELS[BodyKind(row.kind)]),
    Column("region", "区划", value=lambda row: row.region.name),
    Column("document_mark", "代字", value=lambda row: row.document_mark or "—"),
    Column("valid_from", "设立日期", kind="date"),
    Column("valid_to", "撤销日期", kind="date", is_hidden=True),
)


@signed_in(*KEEPERS)
def body_list(request: HttpRequest) -> HttpResponse:
    """机构名录。"""
    actor = request.actor  # type: ignore[attr-defined]
    bar = BodyFilters(request.GET)
    rows = selectors.body_rows(actor=actor, **bar.values)
    table = Table("bodies", COLUMNS, request=request, title="机构名录")
    if table.wants_export:
        return table.export(rows.order_by("code", "id"), filters=bar)
    page = page_of(rows, request, order=("code", "id"))
    context = {"bar": bar, "table": table, "page": page, "may_create": actor.has(*SYSTEM)}
    return render(request, "org/bodies.html", context)


class DayOfBody(FilterBar):
    on = DayFilter("哪天的")
    known = DayFilter("按哪天所知")


def _is_there(row: Any, on: date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)


@signed_in(*KEEPERS)
def body_page(request: HttpRequest, body_id: int) -> HttpResponse:
    """一个机构。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.body_row(actor=actor, body_id=body_id)
    divisions, posts = selectors.divisions_and_posts(actor=actor, body_id=body_id)
    day = DayOfBody(request.GET)
    on, known = day.values["on"] or timezone.localdate(), day.values["known"]
    moment = end_of_day(known) if known else None
    shown = org.bodies_on([body_id], on=on, known=moment).get(body_id)
    divisions = [one for one in divisions if day.values["on"] is None or _is_there(one, on)]
    staff = selectors.staff_of(actor=actor, body_id=body_id, on=on)
    for each in staff:
        each.words = selectors.role_words(role.role for role in each.roles.all())  # type: ignore[attr-defined]
    context = {
        "body": row,
        "shown": shown,
        "name": shown.name if shown else row.name,
        "is_past": day.values["on"] is not None or known is not None,
        "kind": BODY_KIND_LABELS[BodyKind(shown.kind)] if shown else "",
        "parent": history.parent_on(body_id, on=on, known=moment),
        "events": history.body_events(actor=actor, body_id=body_id),
        "known": known,
        "divisions": divisions,
        "posts": posts,
        "staff": staff,
        "missing": org.duties_missing(body_id, row.kind, on=on),
        "day": day,
        "on": on,
        "is_system": actor.has(*SYSTEM),
    }
    return render(request, "org/body.html", context)


class _BodyForm(BodyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, regions=region_choices(), bodies=body_choices(), **kwargs)


@signed_in(*SYSTEM)
def body_new(request: HttpRequest, form: BodyForm | None = None) -> HttpResponse:
    """设立机构的表单。"""
    context = {
        "form": form or _BodyForm(initial={"valid_from": timezone.localdate()}),
        "title": "设立机构",
        "verb": "设立机构",
        "action": reverse("staff:body_create"),
        "back": (reverse("staff:bodies"), "机构"),
    }
    return render(request, "org/form.html", context)


@action(form=_BodyForm, roles=SYSTEM, invalid=body_new, page="staff:body_new")
def body_create(request: HttpRequest, form: BodyForm) -> Done:
    """设立机构。"""
    data = form.cleaned_data
    body_id = org.body_create(
        actor=request.actor,  # type: ignore[attr-defined]
        code=data["code"],
        name=data["name"],
        kind=data["kind"],
        region_code=data["region"],
        short_name=data["short_name"],
        document_mark=data["document_mark"],
        parent_id=data["parent"],
        valid_from=data["valid_from"],
        now=timezone.now(),
    )
    return Done(f"已设立{data['name']}。接着设立内设机构、设置岗位。", to=_at(body_id))


class _ChangeForm(BodyChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, regions=region_choices(), **kwargs)


@signed_in(*SYSTEM)
def body_edit(request: HttpRequest, body_id: int, form: BodyChangeForm | None = None) -> HttpResponse:
    """修改机构的表单。"""
    row = selectors.body_row(actor=request.actor, body_id=body_id)  # type: ignore[attr-defined]
    start = {name: getattr(row, name) for name in ("name", "short_name", "kind", "document_mark", "valid_to")}
    start |= {"region": row.region.code, "on": timezone.localdate()}
    context = {
        "form": form or _ChangeForm(initial=start),
        "title": f"修改机构：{row.name}",
        "verb": "保存修改",
        "action": reverse("staff:body_change", args=[body_id]),
        "version": row.lock_version,
        "back": (_at(body_id), row.name),
    }
    return render(request, "org/form.html", context)


@action(form=_ChangeForm, roles=SYSTEM, invalid=body_edit, page="staff:body_edit")
def body_change(request: HttpRequest, form: BodyChangeForm, body_id: int) -> Done:
    """修改机构。"""
    data = dict(form.cleaned_data)
    org.body_change(
        actor=request.actor,  # type: ignore[attr-defined]
        body_id=body_id,
        seen_version=seen_version(request),
        region_code=data.pop("region"),
        now=timezone.now(),
        **data,
    )
    return Done("机构已修改。", to=_at(body_id))


@signed_in(*SYSTEM)
def division_new(request: HttpRequest, body_id: int, form: DivisionForm | None = None) -> HttpResponse:
    """设立内设机构的表单。"""
    row = selectors.body_row(actor=request.actor, body_id=body_id)  # type: ignore[attr-defined]
    context = {
        "form": form or DivisionForm(initial={"valid_from": timezone.localdate()}),
        "title": f"{row.name}：设立内设机构",
        "verb": "设立内设机构",
        "action": reverse("staff:division_create", args=[body_id]),
        "back": (_at(body_id), row.name),
    }
    return render(request, "org/form.html", context)


@action(form=DivisionForm, roles=SYSTEM, invalid=division_new, page="staff:division_new")
def division_create(request: HttpRequest, form: DivisionForm, body_id: int) -> Done:
    """设立内设机构。"""
    actor = request.actor  # type: ignore[attr-defined]
    org.division_create(actor=actor, body_id=body_id, now=timezone.now(), **form.cleaned_data)
    return Done(f"已设立{form.cleaned_data['name']}。", to=_at(body_id))


@signed_in(*SYSTEM)
def post_new(request: HttpRequest, body_id: int, form: PostForm | None = None) -> HttpResponse:
    """设置岗位的表单。"""
    row = selectors.body_row(actor=request.actor, body_id=body_id)  # type: ignore[attr-defined]
    context = {
        "form": form or _post_form(request, body_id),
        "title": f"{row.name}：设置岗位",
        "verb": "设置岗位",
        "action": reverse("staff:post_create", args=[body_id]),
        "back": (_at(body_id), row.name),
    }
    return render(request, "org/form.html", context)


def _post_form(request: HttpRequest, body_id: int, *args: Any, **kwargs: Any) -> PostForm:
    actor = request.actor  # type: ignore[attr-defined]
    divisions, _ = selectors.divisions_and_posts(actor=actor, body_id=body_id)
    return PostForm(*args, divisions=[(row.pk, row.name) for row in divisions if row.valid_to is None], **kwargs)


def post_create(request: HttpRequest, body_id: int) -> HttpResponse:
    """设置岗位。"""

    class Bound(PostForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, divisions=listed(_post_form(request, body_id), "division"), **kwargs)

    return action(_post_create, form=Bound, roles=SYSTEM, invalid=post_new, page="staff:post_new")(
        request, body_id=body_id
    )


def _post_create(request: HttpRequest, form: PostForm, body_id: int) -> Done:
    org.post_create(
        actor=request.actor,  # type: ignore[attr-defined]
        body_id=body_id,
        name=form.cleaned_data["name"],
        division_id=form.cleaned_data["division"],
        now=timezone.now(),
    )
    return Done(f"已设置岗位“{form.cleaned_data['name']}”。", to=_at(body_id))


def _at(body_id: int) -> str:
    return reverse("staff:body", args=[body_id])
