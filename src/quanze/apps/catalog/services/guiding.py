"""简明指南：起草、保存、公布、停止公开。由本机构起草，由本机构信息公开人员公布。"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import guides as domain
from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.models import ItemVersion, PlainGuide, PowerItem
from quanze.apps.catalog.selectors import guides as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services.packs import power_types
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotPermitted, WrongState

for _code, _label in {
    "catalog.guide.started": "起草简明指南",
    "catalog.guide.saved": "修改简明指南",
    "catalog.guide.discarded": "放弃简明指南草稿",
    "catalog.guide.published": "公布简明指南",
    "catalog.guide.ended": "停止公开简明指南",
}.items():
    audit.register_action(_code, _label)


@transaction.atomic
def guide_start(
    *, actor: Actor, item_id: int, content: domain.GuideContent | None = None, change_note: str = "", now: datetime
) -> int:
    """起草一版，返回编号；没有给内容的照现行一版起草，已有草稿的就是那一份。"""
    item = list_selectors.item_for_update(item_id=item_id, scope=actor.scope)
    _require_ours(actor, item, "drafter", "publisher")
    present = PlainGuide.objects.filter(item=item, state="draft").first()
    if present is not None:
        if content is not None:
            raise WrongState("这个事项已有指南草稿", hint="请打开草稿修改，或先放弃它。", code="guide_draft_open")
        return present.pk
    if content is None:
        current = PlainGuide.objects.filter(item=item, state="published", valid_to__isnull=True).first()
        content = domain.read_content(current.content) if current is not None else domain.GuideContent()
    content = domain.tidy(content)
    domain.require_storable(content)
    row = PlainGuide.objects.create(
        item=item,
        content=content.stored(),
        content_hash=content.digest,
        change_note=change_note[:500],
        author_id=actor.user_id,
        author_name=actor.name,
        created_at=now,
        updated_at=now,
    )
    audit.record(
        actor=actor,
        action="catalog.guide.started",
        subject=_subject(row),
        after={"guide": row.pk, "digest": row.content_hash},
        reason=change_note,
        now=now,
    )
    return row.pk


@transaction.atomic
def guide_save(
    *,
    actor: Actor,
    guide_id: int,
    seen_version: int,
    content: domain.GuideContent,
    change_note: str = "",
    now: datetime,
) -> None:
    """保存草稿；没有改动的不留记录。"""
    row = selectors.guide_for_update(guide_id=guide_id, scope=actor.scope, seen_version=seen_version)
    _require_ours(actor, row.item, "drafter", "publisher")
    domain.GUIDE_FLOW.decide(row.state, "save", roles=actor.roles)
    content = domain.tidy(content)
    domain.require_storable(content)
    before = domain.read_content(row.content)
    if content == before and change_note.strip() == row.change_note:
        return
    row.content, row.content_hash, row.change_note = content.stored(), content.digest, change_note.strip()
    row.author_id, row.author_name, row.updated_at = actor.user_id, actor.name, now
    row.lock_version += 1
    row.save()
    old, new = asdict(before), asdict(content)
    changed = [name for name in new if old[name] != new[name]]
    audit.record(
        actor=actor,
        action="catalog.guide.saved",
        subject=_subject(row),
        before={domain.LABELS[name]: old[name] for name in changed},
        after={domain.LABELS[name]: new[name] for name in changed},
        reason=change_note,
        now=now,
    )


@transaction.atomic
def guide_discard(*, actor: Actor, guide_id: int, seen_version: int, now: datetime) -> None:
    """放弃草稿；已公布的一版照旧。"""
    row = selectors.guide_for_update(guide_id=guide_id, scope=actor.scope, seen_version=seen_version)
    _require_ours(actor, row.item, "drafter", "publisher")
    row.state = domain.GUIDE_FLOW.decide(row.state, "discard", roles=actor.roles).target
    row.updated_at = now
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="catalog.guide.discarded",
        subject=_subject(row),
        before={"guide": row.pk, "digest": row.content_hash},
        now=now,
    )


@transaction.atomic
def guide_publish(
    *, actor: Actor, guide_id: int, seen_version: int, valid_from: date | None = None, now: datetime
) -> int:
    """公布：自某日（默认今天）起，前一版止于同日；返回版本号。写不全的、事项还没有公布的不能公布。"""
    row = selectors.guide_for_update(guide_id=guide_id, scope=actor.scope, seen_version=seen_version)
    _require_ours(actor, row.item, "publisher")
    target = domain.GUIDE_FLOW.decide(row.state, "publish", roles=actor.roles).target
    today = localdate(now)
    start = valid_from or today
    if start < today:
        raise InvalidInput("生效日期不能早于今天", hint="指南自今天或以后的某一天起公开。", code="guide_in_the_past")
    current = _version_shown(row.item, start)
    domain.require_complete(domain.read_content(row.content), is_on_application=_is_on_application(current.power_type))
    earlier = PlainGuide.objects.select_for_update().filter(item=row.item, state="published", valid_to__isnull=True)
    old = earlier.first()
    if old is not None and old.valid_from is not None:
        if old.valid_from > start:
            raise WrongState(
                f"第 {old.number} 版自 {old.valid_from} 起，晚于这一版",
                hint="请把生效日期定在那一天或以后。",
                code="guide_later_exists",
            )
        PlainGuide.objects.filter(pk=old.pk).update(valid_to=start, ended_at=now)
    last = PlainGuide.objects.filter(item=row.item).aggregate(last=Max("number"))["last"] or 0
    row.state, row.number, row.valid_from = target, last + 1, start
    row.published_at, row.published_by_name = now, actor.name
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="catalog.guide.published",
        subject=_subject(row),
        before={"version": old.number, "digest": old.content_hash} if old is not None else None,
        after={"version": row.number, "digest": row.content_hash, "valid_from": start},
        reason=row.change_note,
        now=now,
    )
    return row.number


@transaction.atomic
def guide_end(*, actor: Actor, guide_id: int, seen_version: int, reason: str, now: datetime) -> None:
    """停止公开：自今天起不再展示；以前那些天的照旧可查。"""
    row = selectors.guide_for_update(guide_id=guide_id, scope=actor.scope, seen_version=seen_version)
    _require_ours(actor, row.item, "publisher")
    domain.GUIDE_FLOW.decide(row.state, "end", roles=actor.roles, reason=reason)
    if row.valid_to is not None:
        raise WrongState("这一版已经失效", hint="请刷新页面查看现行的一版。", code="guide_ended")
    row.valid_to = max(localdate(now), row.valid_from or localdate(now))
    row.ended_at, row.end_reason = now, reason.strip()[:500]
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action="catalog.guide.ended",
        subject=_subject(row),
        before={"version": row.number, "digest": row.content_hash},
        after={"valid_to": row.valid_to},
        reason=reason,
        now=now,
    )


def _require_ours(actor: Actor, item: PowerItem, *roles: str) -> None:
    if actor.body_id != item.power_list.body_id or not actor.has(*roles):
        raise NotPermitted("指南由事项所属机构起草、公布", hint="请由该机构有此职责的同事办理。")
    if item.power_list.list_type != POWER_LIST:
        raise InvalidInput("目录范本不对外公开，不写指南", code="base_list_not_public")


def _version_shown(item: PowerItem, on: date) -> ItemVersion:
    """指南生效那天公开的事项版本；那天没有的，指南无处可放。"""
    row = ItemVersion.objects.filter(list_selectors.in_force(on), item=item).first()
    if row is None:
        raise WrongState(
            f"{on} 这个事项不在公布的清单里",
            hint="请等事项公布之后再公布指南，或把生效日期定在事项施行之日。",
            code="item_not_in_force",
        )
    return row


def _is_on_application(power_type: str) -> bool:
    kind = power_types().by_code.get(power_type)
    return bool(kind and kind.on_application)


def _subject(row: PlainGuide) -> audit.SubjectRef:
    names = ItemVersion.objects.filter(item_id=row.item_id).exclude(state="discarded").order_by("-id")
    name = names.values_list("name", flat=True).first() or row.item.code
    return audit.SubjectRef("catalog.item", row.item_id, name, row.item.power_list.body_id)
