"""归档的页面：某件事已有的归档包、制作、下载。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.base.iam.step_up import require_step_up
from quanze.base.jobs import public as jobs
from quanze.base.web import subjects
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.downloads import download_response
from quanze.core.actor import EVERYTHING
from quanze.core.errors import NotFound, WrongState
from quanze.portal.archive.jobs import ARCHIVE
from quanze.portal.archive.matters import KIND_LABELS, MADE, require_visible, subject_kind
from quanze.portal.record.presenting import who
from quanze.portal.record.reading import BUSINESS_ROLES


@signed_in(*BUSINESS_ROLES)
def archive_page(request: HttpRequest, kind: str, id: int) -> HttpResponse:
    """已有的归档包。"""
    title, is_closed = require_visible(kind, id, actor=request.actor)  # type: ignore[attr-defined]
    context = {
        "kind": kind,
        "id": id,
        "title": title,
        "kind_label": KIND_LABELS[kind],
        "is_closed": is_closed,
        "subject_url": subjects.url_of(subject_kind(kind), id),
        "packages": [
            {"at": fact.at, "who": who(fact), **fact.after} for fact in reversed(_packages(kind, id)) if fact.after
        ],
    }
    return render(request, "record/archive.html", context)


@action(roles=BUSINESS_ROLES, page="record:archive")
def archive_make(request: HttpRequest, kind: str, id: int) -> Done:
    """制作归档包。"""
    actor = request.actor  # type: ignore[attr-defined]
    title, is_closed = require_visible(kind, id, actor=actor)
    if not is_closed:
        raise WrongState("还没有办结，不能归档", hint="办结后再归档。")
    require_step_up(request)
    job_id = jobs.enqueue(
        kind=ARCHIVE,
        payload={"kind": kind, "id": id},
        actor=actor,
        label=f"归档 {title}",
        now=timezone.now(),
        back_url=reverse("record:archive", args=[kind, id]),
    )
    return Done("已开始制作归档包。", to=reverse("job", args=[job_id]))


@signed_in(*BUSINESS_ROLES)
def archive_download(request: HttpRequest, kind: str, id: int, file_id: int) -> HttpResponseBase:
    """下载归档包，记入访问记录。"""
    actor = request.actor  # type: ignore[attr-defined]
    title, _ = require_visible(kind, id, actor=actor)
    if all(fact.after.get("file_id") != file_id for fact in _packages(kind, id)):
        raise NotFound("没有这个归档包", hint="请从归档页面下载。")
    opened = files.open_file(file_id, scope=EVERYTHING)
    audit.access(
        actor=actor,
        action="record:archive_download",
        outcome="exported",
        subject_label=f"归档包 {title}",
        body_id=actor.body_id,
        detail=f"摘要 {opened.view.sha256}",
        now=timezone.now(),
    )
    return download_response(opened)


def _packages(kind: str, id: int) -> list[audit.FactView]:
    facts = audit.history_of(subject_kind(kind), id, scope=EVERYTHING)
    return [fact for fact in facts if fact.action == MADE]
