"""名录载入：一本工作簿 → 全查一遍 → 预览 → 一次写入。

Two steps, so that nobody writes what he has not seen: the upload keeps the rows that were read, the second step plans them
again against the directory of that moment and refuses when the plan is no longer the one that was shown. Everything is
written in one transaction or nothing. Roles are only asked for (batches); accounts are made without a password.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.models import DirectoryLoad
from quanze.apps.org.selectors.loading import plan_of, require_loader
from quanze.apps.org.selectors.workbook import directory_check
from quanze.apps.org.services.applying import Applying
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, Defect, NotFound, NotPermitted, RulesNotMet, WrongState

audit.register_actions(
    {
        "org.directory.uploaded": "上传名录工作簿",
        "org.directory.discarded": "放弃名录载入",
        "org.directory.links_given": "发放成批开通链接",
    }
)


@dataclass(frozen=True, slots=True)
class SetupLink:
    """一人的开通链接：只此一次。"""

    username: str
    full_name: str
    token: str
    expires_at: datetime


@transaction.atomic
def directory_upload(*, actor: Actor, data: bytes, name: str, now: datetime) -> int:
    """上传：查过无缺陷的存下待载入；有缺陷的一处不写，全部列出。返回编号。"""
    checked = directory_check(actor=actor, data=data, name=name, now=now)
    if checked.plan.defects:
        raise RulesNotMet(
            f"表格有 {len(checked.plan.defects)} 处要改，什么都没有写入",
            hint="请逐处改正后重新上传。",
            code="directory_defects",
            defects=[Defect(each.code, f"{each.what}。{each.remedy}", each.place) for each in checked.plan.defects],
        )
    row = DirectoryLoad.objects.create(
        file_name=name[-200:],
        digest=hashlib.sha256(data).hexdigest(),
        rows={key: [each.as_data() for each in rows] for key, rows in checked.rows.items()},
        notes=list(checked.notes),
        state="checked",
        uploaded_by_id=_person(actor),
        uploaded_at=now,
    )
    after = {"file": name, "sha256": row.digest, "rows": {key: len(rows) for key, rows in checked.rows.items()}}
    audit.record(actor=actor, action="org.directory.uploaded", subject=_ref(row), after=after, now=now)
    return row.pk


@transaction.atomic
def directory_apply(*, actor: Actor, load_id: int, seen_plan: str, now: datetime) -> Mapping[str, Any]:
    """载入：与预览所见相同才写；一个事务，不会只写一半。返回各类的数量。"""
    row = _open_load(actor, load_id)
    today = localdate(now)
    plan = plan_of(row, today=today)
    if plan.defects or plan.digest != seen_plan:
        raise Conflict(
            "预览之后名录有变动，或已过了一天",
            hint="什么都没有写入。请重新打开预览，看清后再载入。",
            code="plan_changed",
        )
    if not plan.to_write:
        raise WrongState("名录已与表格一致，没有要写入的", hint="不必载入。", code="nothing_changed")
    applying = Applying(actor, f"按名录工作簿“{row.file_name}”载入", today, now)
    applying.write(plan)
    row.state, row.finished_at, row.rows = "applied", now, {}
    row.counts, row.batch_id, row.new_users = plan.counts, applying.batch_id, applying.new_users
    row.save()
    audit.record(actor=actor, action="org.directory.loaded", subject=_ref(row), after={"counts": plan.counts}, now=now)
    return plan.counts


@transaction.atomic
def directory_discard(*, actor: Actor, load_id: int, now: datetime) -> None:
    """放弃一次还没有载入的上传。"""
    row = _open_load(actor, load_id)
    row.state, row.finished_at, row.rows = "discarded", now, {}
    row.save()
    audit.record(actor=actor, action="org.directory.discarded", subject=_ref(row), now=now)


@transaction.atomic
def directory_links_take(*, actor: Actor, load_id: int, now: datetime) -> list[SetupLink]:
    """发放这次载入的新账号的开通链接：只能取一次；已设口令或停用的不再发。"""
    require_loader(actor)
    row = DirectoryLoad.objects.select_for_update().filter(pk=load_id, state="applied").first()
    if row is None:
        raise NotFound("没有这次载入", hint="请从名录载入页面打开。")
    if row.links_taken_at is not None:
        raise WrongState(
            "开通链接已经发放过一次", hint="个别人没有拿到的，请从其人员页面重新发放。", code="links_taken"
        )
    people = iam.users_by_ids(row.new_users)
    waiting = [people[key] for key in row.new_users if key in people]
    links = []
    for person in waiting:
        if person.is_active and not person.has_password:
            given = iam.token_issue(actor=actor, user_id=person.id, now=now)
            links.append(SetupLink(person.username, person.full_name, given.token, given.expires_at))
    if not links:
        raise WrongState("没有等待开通的账号", hint="新账号都已设置口令或停用。", code="links_none")
    row.links_taken_at = now
    row.save(update_fields=["links_taken_at"])
    after = {"links": len(links)}
    audit.record(actor=actor, action="org.directory.links_given", subject=_ref(row), after=after, now=now)
    return links


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotPermitted("名录须由一位系统管理员载入", hint="请以其账号办理。")
    return actor.user_id


def _open_load(actor: Actor, load_id: int) -> DirectoryLoad:
    require_loader(actor)
    # All open loads are locked: two of them never write at once.
    rows = {row.pk: row for row in DirectoryLoad.objects.select_for_update().filter(state="checked").order_by("pk")}
    if load_id not in rows:
        raise NotFound("没有这次待载入的上传", hint="它可能已经载入或放弃，请从名录载入页面查看。")
    return rows[load_id]


def _ref(row: DirectoryLoad) -> audit.SubjectRef:
    return audit.SubjectRef("org.directory_load", row.pk, row.file_name, None)
