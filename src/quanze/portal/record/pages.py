"""记录的页面：查找、一条记录、一个客体的经过、访问记录。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.web.access import signed_in
from quanze.base.web.filters import ChoiceFilter, DateRangeFilter, FilterBar, TextFilter
from quanze.base.web.paging import CURSOR_PARAMETER, read_cursor, write_cursor
from quanze.core.errors import InvalidInput, NotFound
from quanze.portal.record import presenting
from quanze.portal.record.reading import AUDIT_ADMIN, READERS, Reading, reading_of

_SALT = "quanze.record"
_FEW = 8


class FactFilters(FilterBar):
    """查找条件。"""

    q = TextFilter("文字", placeholder="客体、理由、姓名里的字，至少两个", wide=True)
    name = TextFilter("行为人", placeholder="姓名全称")
    body = ChoiceFilter("机构", choices=lambda: [(one.id, one.name) for one in org.bodies()], searchable=True)
    action = ChoiceFilter("动作", choices=lambda: audit.action_labels().items(), searchable=True)
    kind = ChoiceFilter("客体种类", choices=presenting.KINDS.items())
    at = DateRangeFilter("发生日期")


class AccessFilters(FilterBar):
    """访问记录的条件。"""

    name = TextFilter("行为人", placeholder="姓名全称")
    outcome = ChoiceFilter("结果", choices=presenting.OUTCOMES.items())
    at = DateRangeFilter("发生日期")


def conditions_of(values: dict[str, Any]) -> dict[str, Any]:
    """筛选条的值 → 查找条件。"""
    since, until = _moments(values["at"])
    return {
        "text": values["q"],
        "actor_name": values["name"],
        "body_id": values["body"],
        "action": values["action"] or "",
        "subject_kind": values["kind"] or "",
        "since": since,
        "until": until,
    }


@signed_in(*READERS)
def fact_list(request: HttpRequest) -> HttpResponse:
    """查找记录，新的在前。"""
    reading = _reading(request)
    bar = FactFilters(request.GET)
    problem = ""
    try:
        page = audit.facts(
            scope=reading.scope, contents=reading.contents, before=_before(request), **conditions_of(bar.values)
        )
    except InvalidInput as error:
        if error.code != "text_too_short":
            raise
        page, problem = audit.FactPage((), None), error.message
    context = {
        "bar": bar,
        "problem": problem,
        "rows": [_row(row) for row in page.rows],
        "next_cursor": _mark(page.next_before),
        "is_later_page": CURSOR_PARAMETER in request.GET,
        "is_audit_admin": request.actor.has(AUDIT_ADMIN),  # type: ignore[attr-defined]
        "kept": [(name, value) for name, value in request.GET.items() if name != CURSOR_PARAMETER],
    }
    return render(request, "record/list.html", context)


@signed_in(*READERS)
def fact_page(request: HttpRequest, fact_id: int) -> HttpResponse:
    """一条记录。"""
    reading = _reading(request)
    fact = audit.fact(fact_id, scope=reading.scope, contents=reading.contents)
    lines, left_out = presenting.comparison(fact)
    seal = audit.seal_state(fact.id)
    anchor = audit.last_anchor()
    anchored = max((head.number for head in anchor.heads if head.log == "fact"), default=0) if anchor else 0
    context = {
        **_row(fact),
        "lines": lines,
        "left_out": left_out,
        "versions": presenting.versions_lines(fact),
        "roles": presenting.role_labels(fact.actor_roles),
        "source": presenting.SOURCES.get(fact.source, fact.source),
        "seal": seal,
        "is_anchored": seal.number is not None and seal.number <= anchored,
        "subject_url": "" if fact.is_hidden else presenting.subject_url(fact),
    }
    return render(request, "record/fact.html", context)


@signed_in(*READERS)
def subject_page(request: HttpRequest, kind: str, id: str) -> HttpResponse:
    """一个客体的全部经过。"""
    facts = _history(request, kind, id)
    if not facts:
        raise NotFound("没有这个客体的记录", hint="请从记录查询进入。")
    newest = facts[-1]
    context = {
        "kind": presenting.kind_label(kind),
        "label": newest.subject_label,
        "rows": [_row(fact) for fact in reversed(facts)],
        "subject_url": "" if newest.is_hidden else presenting.subject_url(newest),
    }
    return render(request, "record/subject.html", context)


@signed_in(*READERS)
def subject_fragment(request: HttpRequest, kind: str, id: str) -> HttpResponse:
    """客体页面上的最近几条经过。"""
    facts = _history(request, kind, id)
    context = {
        "rows": [_row(fact) for fact in reversed(facts[-_FEW:])],
        "count": len(facts),
        "url": reverse("record:subject", args=[kind, id]) if facts else "",
    }
    return render(request, "record/_fragment.html", context)


@signed_in(AUDIT_ADMIN)
def access_list(request: HttpRequest) -> HttpResponse:
    """访问记录，只给审计管理员；翻看本身也是敏感查阅。"""
    bar = AccessFilters(request.GET)
    since, until = _moments(bar.values["at"])
    page = audit.accesses(
        scope=_reading(request).scope,
        before=_before(request),
        outcome=bar.values["outcome"] or "",
        actor_name=bar.values["name"],
        since=since,
        until=until,
    )
    actor = request.actor  # type: ignore[attr-defined]
    if CURSOR_PARAMETER not in request.GET:
        conditions = "；".join(f"{chip.label} {chip.words}".strip() for chip in bar.chips)
        audit.access(
            actor=actor,
            action="record:accesses",
            outcome="read",
            subject_label="访问记录",
            body_id=actor.body_id,
            detail=conditions or "全部",
            now=timezone.now(),
        )
    labels = audit.action_labels()
    rows = [
        {
            "row": row,
            "who": presenting.who(row),
            "outcome": presenting.OUTCOMES.get(row.outcome, row.outcome),
            "action": labels.get(row.action, ""),
            "source": presenting.SOURCES.get(row.source, row.source),
        }
        for row in page.rows
    ]
    context = {"bar": bar, "rows": rows, "next_cursor": _mark(page.next_before)}
    return render(request, "record/accesses.html", context)


def _reading(request: HttpRequest) -> Reading:
    return reading_of(request.actor)  # type: ignore[attr-defined]


def _history(request: HttpRequest, kind: str, id: str) -> tuple[audit.FactView, ...]:
    reading = _reading(request)
    return audit.history_of(kind, id, scope=reading.scope, contents=reading.contents)


def _row(fact: audit.FactView) -> dict[str, Any]:
    return {
        "fact": fact,
        "who": presenting.who(fact),
        "kind": presenting.kind_label(fact.subject_kind),
    }


def _moments(days: tuple[date | None, date | None]) -> tuple[datetime | None, datetime | None]:
    """起止日期（含两端）→ 半开时刻。"""
    first, last = days
    start: Callable[[date], datetime] = lambda day: timezone.make_aware(datetime.combine(day, time()))  # noqa: E731
    return start(first) if first else None, start(last + timedelta(days=1)) if last else None


def _before(request: HttpRequest) -> tuple[datetime, int] | None:
    cursor = request.GET.get(CURSOR_PARAMETER, "")
    if not cursor:
        return None
    at, row_id = read_cursor(cursor, salt=_SALT)
    return datetime.fromisoformat(at), int(row_id)


def _mark(mark: tuple[datetime, int] | None) -> str:
    return write_cursor([mark[0].isoformat(), mark[1]], salt=_SALT) if mark else ""
