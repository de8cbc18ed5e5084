"""记录核验的页面：最近封条与锚、历次核验、立即核验。"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.jobs import public as jobs
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.portal.record.jobs import VERIFY
from quanze.portal.record.reading import AUDIT_ADMIN

LOGS = {"fact": "事实记录", "access": "访问记录"}


@signed_in(AUDIT_ADMIN)
def verification_page(request: HttpRequest) -> HttpResponse:
    """最近封条、最近的锚、历次核验。"""
    problem = ""
    try:
        anchor = audit.last_anchor()
    except (ValueError, KeyError, TypeError):
        anchor, problem = None, "锚文件最后一行读不懂，请立即核验。"
    context = {
        "seals": [(LOGS[head.log], head) for head in audit.last_seals()],
        "anchor": anchor,
        "anchor_heads": [(LOGS[head.log], head) for head in anchor.heads] if anchor else [],
        "anchor_problem": problem,
        "anchor_file": str(audit.anchor_path()),
        "history": audit.verifications(),
    }
    return render(request, "record/verification.html", context)


@action(roles=(AUDIT_ADMIN,), page="record:verification")
def verification_start(request: HttpRequest) -> Done:
    """立即核验：提交后台任务。"""
    job_id = jobs.enqueue(
        kind=VERIFY,
        payload={},
        actor=request.actor,  # type: ignore[attr-defined]
        label="核验记录",
        now=timezone.now(),
        back_url=reverse("record:verification"),
    )
    return Done("已开始核验，可在本页看进度。", to=reverse("job", args=[job_id]))
