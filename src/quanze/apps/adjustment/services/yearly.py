"""年度目录：编办汇总截止日现行的清单，部门核对，编委审定，以文件印发，摘要公开。"""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.lifecycles import CHECK_FLOW, YEARLY_FLOW
from quanze.apps.adjustment.models import CatalogueCheck, YearlyCatalogue
from quanze.apps.adjustment.selectors import yearly as selectors
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

for _code, _label in {
    "adjustment.catalogue.drafted": "汇总年度目录",
    "adjustment.catalogue.sent": "年度目录送部门核对",
    "adjustment.catalogue.recalled": "收回年度目录草案",
    "adjustment.catalogue.checked": "部门核对年度目录",
    "adjustment.catalogue.answered": "答复年度目录异议",
    "adjustment.catalogue.determined": "编委审定年度目录",
    "adjustment.catalogue.issued": "印发年度目录",
}.items():
    audit.register_action(_code, _label)

TOWN_KINDS = frozenset({"town", "subdistrict"})


def _subject(row: YearlyCatalogue) -> audit.SubjectRef:
    label = f"{row.region_name}{row.year}年政府部门权责清单目录"
    return audit.SubjectRef("adjustment.catalogue", row.pk, label, row.owner_body_id)


@transaction.atomic
def catalogue_draft(*, actor: Actor, year: int, cut_off: date, now: datetime) -> int:
    """汇总：本区划各部门截止日现行的清单。同一区划同一年度只有一本；截止日在本年度之内、不晚于今天。"""
    if not actor.has("establishment") or actor.body_id is None:
        raise NotPermitted("年度目录由编办汇总", hint="请联系编办。")
    if not date(year, 1, 1) <= cut_off <= min(date(year, 12, 31), localdate(now)):
        raise InvalidInput("截止日应在本年度之内、不晚于今天", hint="请核对年度与截止日。", code="cut_off_out_of_range")
    office = org.bodies_by_ids([actor.body_id])[actor.body_id]
    if YearlyCatalogue.objects.filter(region_id=office.region_id, year=year).exists():
        raise WrongState(
            f"{office.region_name}{year}年的目录已经汇总", hint="请打开已有的那一本。", code="catalogue_exists"
        )
    bodies = [one.id for one in org.bodies(on=cut_off, region_id=office.region_id) if one.kind not in TOWN_KINDS]
    held = {one.body_id for one in catalog.public_lists(on=cut_off, with_withheld=True)}
    chosen = [body_id for body_id in bodies if body_id in held]
    if not chosen:
        raise WrongState("截止日没有现行的部门清单", hint="请核对截止日。", code="nothing_in_force")
    row = YearlyCatalogue.objects.create(
        owner_body_id=office.id,
        region_id=office.region_id,
        region_name=office.region_name,
        year=year,
        cut_off=cut_off,
        body_ids=chosen,
        created_by_name=actor.name,
        created_at=now,
    )
    audit.record(
        actor=actor,
        action="adjustment.catalogue.drafted",
        subject=_subject(row),
        after={"cut_off": cut_off, "bodies": len(chosen)},
        now=now,
    )
    return row.pk


def _move(actor: Actor, catalogue_id: int, seen_version: int, verb: str, reason: str = "") -> YearlyCatalogue:
    row = selectors.find(catalogue_id=catalogue_id, actor=actor, seen_version=seen_version, lock=True)
    row.state = YEARLY_FLOW.decide(row.state, verb, roles=actor.roles, reason=reason).target
    row.lock_version += 1
    return row


@transaction.atomic
def catalogue_send(*, actor: Actor, catalogue_id: int, seen_version: int, now: datetime) -> int:
    """送部门核对，返回部门数。"""
    row = _move(actor, catalogue_id, seen_version, "send")
    row.save()
    names = {one.body_id: one.body_name for one in selectors.lines_of(row)}
    CatalogueCheck.objects.bulk_create(
        [CatalogueCheck(catalogue=row, body_id=body_id, body_name=name) for body_id, name in names.items()],
        ignore_conflicts=True,
    )
    for body_id in names:
        notices.notice_send(
            to_user_ids=org.holders_of("drafter", body_id, on=localdate(now)),
            text=f"{row.region_name}{row.year}年权责清单目录送核对，请核对本机构的部分",
            link=f"/open/adjustment.catalogue/{row.pk}/",
            kind="adjustment",
            now=now,
        )
    audit.record(
        actor=actor, action="adjustment.catalogue.sent", subject=_subject(row), after={"bodies": len(names)}, now=now
    )
    return len(names)


@transaction.atomic
def catalogue_recall(*, actor: Actor, catalogue_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """收回草案：核对中发现要改截止日或清单，收回重来；已有的核对一并作废。"""
    row = _move(actor, catalogue_id, seen_version, "recall", reason)
    row.checks.all().delete()
    row.save()
    audit.record(actor=actor, action="adjustment.catalogue.recalled", subject=_subject(row), reason=reason, now=now)


@transaction.atomic
def catalogue_check(
    *, actor: Actor, check_id: int, seen_version: int, verb: str, remark: str = "", now: datetime
) -> None:
    """部门核对本机构的部分（confirm、object），或编办答复异议（answer）。"""
    row = CatalogueCheck.objects.select_for_update(of=("self",)).select_related("catalogue").filter(pk=check_id).first()
    if row is None or not actor.scope.covers(row.body_id):
        raise NotFound("没有这件核对", hint="请从年度目录中打开。")
    if verb != "answer" and actor.body_id != row.body_id:
        raise NotPermitted("由该机构自己核对", hint=f"请由{row.body_name}办理。")
    if row.lock_version != seen_version:
        raise Conflict("这件核对在您打开之后已有办理", hint="请刷新页面后再办。")
    if row.catalogue.state != "checking":
        raise WrongState("年度目录不在核对之中", hint="请刷新页面。", code="not_checking")
    row.state = CHECK_FLOW.decide(row.state, verb, roles=actor.roles, reason=remark).target
    if verb == "answer":
        row.answer = remark.strip()[:500]
    else:
        row.remark = remark.strip()[:500]
        row.checked_by_name, row.checked_at = actor.name, now
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="adjustment.catalogue.answered" if verb == "answer" else "adjustment.catalogue.checked",
        subject=_subject(row.catalogue),
        after={"body": row.body_name, "state": row.state},
        reason=remark,
        now=now,
    )


@transaction.atomic
def catalogue_determine(
    *, actor: Actor, catalogue_id: int, seen_version: int, meeting_number: str, resolution: str, now: datetime
) -> None:
    """登记编委审定：会议号与决议；部门核对未完、异议未答复的不能审定。"""
    row = _move(actor, catalogue_id, seen_version, "determine")
    waiting = list(row.checks.filter(state__in=["pending", "objected"]).values_list("body_name", flat=True))
    if waiting:
        raise RulesNotMet(
            f"还有 {len(waiting)} 个机构没有核对完：{'、'.join(waiting[:5])}",
            hint="请催办，或答复其异议。",
            code="checks_open",
        )
    if not meeting_number.strip() or not resolution.strip():
        raise RulesNotMet(
            "会议号与决议都要填写", hint="例如：市编委〔2026〕第4次会议；审定通过。", code="meeting_missing"
        )
    row.meeting_number, row.resolution = meeting_number.strip()[:100], resolution.strip()[:500]
    row.save()
    audit.record(
        actor=actor,
        action="adjustment.catalogue.determined",
        subject=_subject(row),
        after={"meeting_number": row.meeting_number, "resolution": row.resolution},
        now=now,
    )


@transaction.atomic
def catalogue_issue(
    *, actor: Actor, catalogue_id: int, seen_version: int, document_number: str, issued_on: date, now: datetime
) -> str:
    """以编委文件印发：文号与日期，算出摘要。返回摘要。"""
    row = _move(actor, catalogue_id, seen_version, "issue")
    if not document_number.strip():
        raise RulesNotMet("文号没有填写", hint="例如：云编发〔2026〕21号。", code="document_number_missing")
    if not row.cut_off <= issued_on <= localdate(now):
        raise InvalidInput("印发日期应在截止日与今天之间", hint="请核对日期。", code="issued_on_out_of_range")
    row.document_number, row.issued_on, row.issued_at = document_number.strip()[:100], issued_on, now
    lines = selectors.lines_of(row)
    row.item_count, row.subitem_count = sum(one.items for one in lines), sum(one.subitems for one in lines)
    row.digest_algorithm = settings.QUANZE_SEAL_ALGORITHM
    row.digest = selectors.digest_of(row, lines, row.digest_algorithm)
    row.save()
    audit.record(
        actor=actor,
        action="adjustment.catalogue.issued",
        subject=_subject(row),
        after={
            "document_number": row.document_number,
            "issued_on": issued_on,
            "items": row.item_count,
            "digest": row.digest,
        },
        now=now,
    )
    return row.digest
