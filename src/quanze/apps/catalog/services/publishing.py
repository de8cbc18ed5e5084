"""公布：版次、公布日志、事项有效期；公布后的勘误是一个新版本。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import publishing as domain
from quanze.apps.catalog.domain.lifecycles import VERSION_FLOW
from quanze.apps.catalog.models import (
    ItemEnding,
    ItemVersion,
    ListEdition,
    PowerList,
    PublishRecord,
    Submission,
    SubmissionItem,
)
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.contents import content_of
from quanze.apps.catalog.services import base_merging, disclosing
from quanze.apps.catalog.services.drift_storing import drift_after_items
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted, RulesNotMet, WrongState

audit.register_action("catalog.edition.published", "印发公布清单")
audit.register_action("catalog.edition.corrected", "勘误")


def issue_from_details(power_list: PowerList, details: Mapping[str, str], *, now: datetime) -> domain.Issue:
    """印发要素，按本机关的机关代字与今天的日期核对。"""
    body = org.bodies_by_ids([power_list.body_id])[power_list.body_id]
    return domain.parse_issue(details, document_mark=body.document_mark, today=localdate(now))


@transaction.atomic
def edition_publish(
    *,
    actor: Actor,
    power_list: PowerList,
    entries: Sequence[SubmissionItem],
    issue: domain.Issue,
    submission: Submission | None,
    is_correction: bool = False,
    note: str = "",
    now: datetime,
) -> int:
    """公布一版：新版本编号并定生效日，旧版本止于同日，写公布日志与版次摘要。返回版次编号。

    Called by the last step of the review or by a correction. The list is locked, so that two never take the same number.
    """
    PowerList.objects.select_for_update().get(pk=power_list.pk)
    item_ids = [entry.item_id for entry in entries]
    current = {
        version.item_id: version
        for version in ItemVersion.objects.select_for_update().filter(
            item_id__in=item_ids, state="published", valid_to__isnull=True
        )
    }
    _require_after_earlier(item_ids, issue.valid_from)
    numbers = dict(ItemVersion.objects.filter(item_id__in=item_ids).values_list("item_id").annotate(last=Max("number")))
    edition_number = (power_list.editions.aggregate(last=Max("number"))["last"] or 0) + 1
    frozen = {
        version.pk: version
        for version in ItemVersion.objects.select_for_update().filter(
            id__in=[entry.version_id for entry in entries if entry.version_id is not None]
        )
    }
    ended: list[ItemVersion] = []
    fresh: list[ItemVersion] = []
    for entry in entries:
        old = current.get(entry.item_id)
        if old is not None:
            old.valid_to, old.ended_at = issue.valid_from, now
            ended.append(old)
        if entry.version_id is None:
            continue
        version = frozen[entry.version_id]
        version.state = VERSION_FLOW.decide(version.state, "publish", roles=actor.roles).target
        version.number = (numbers.get(entry.item_id) or 0) + 1
        version.valid_from, version.published_at = issue.valid_from, now
        version.lock_version += 1
        fresh.append(version)
    _store(ended, fresh, issue.valid_from, now)
    _clear_away([entry.item_id for entry in entries if entry.action == "cancel"])
    in_force = list(
        ItemVersion.objects.filter(selectors.in_force(issue.valid_from), item__power_list=power_list).values_list(
            "item__code", "number", "content_hash", "node_kind"
        )
    )
    body = org.bodies_by_ids([power_list.body_id])[power_list.body_id]
    algorithm = settings.QUANZE_SEAL_ALGORITHM
    edition = ListEdition.objects.create(
        power_list=power_list,
        number=edition_number,
        document_number=issue.document_number,
        issued_on=issue.issued_on,
        valid_from=issue.valid_from,
        is_correction=is_correction,
        note=note,
        item_count=sum(kind != "sub" for *_, kind in in_force),
        subitem_count=sum(kind == "sub" for *_, kind in in_force),
        digest=domain.edition_digest(
            body_code=body.code,
            number=edition_number,
            issue=issue,
            entries=[(code, number or 0, content) for code, number, content, _ in in_force],
            algorithm=algorithm,
        ),
        digest_algorithm=algorithm,
        submission=submission,
        published_at=now,
        published_by_name=actor.name,
    )
    disclosing.tasks_open(edition=edition, now=now)
    by_id = {version.pk: version for version in fresh}
    PublishRecord.objects.bulk_create(
        [
            PublishRecord(
                edition=edition,
                item_id=entry.item_id,
                action="correct" if is_correction else entry.action,
                old_version=current.get(entry.item_id),
                new_version=by_id.get(entry.version_id) if entry.version_id is not None else None,
            )
            for entry in entries
        ],
        batch_size=500,
    )
    base_merging.merges_open(edition=edition, now=now)
    drift_after_items(item_ids, now=now)
    audit.record(
        actor=actor,
        action="catalog.edition.corrected" if is_correction else "catalog.edition.published",
        subject=audit.SubjectRef("catalog.list", power_list.pk, f"{body.name}权责清单第{edition_number}版", body.id),
        after={
            "document_number": issue.document_number,
            "issued_on": issue.issued_on,
            "valid_from": issue.valid_from,
            "changes": len(entries),
            "items": edition.item_count,
            "digest": edition.digest,
        },
        reason=note,
        versions={"procedure": power_list.procedure, "template": power_list.template},
        now=now,
    )
    return edition.pk


def _require_after_earlier(item_ids: Sequence[int], valid_from: date) -> None:
    """施行日期不早于各事项已公布版本的施行与失效日期，否则同一天会有两个有效版本。"""
    published = ItemVersion.objects.filter(item_id__in=item_ids, state="published").order_by("id")
    late = published.filter(Q(valid_from__gt=valid_from) | Q(valid_to__gt=valid_from)).first()
    if late is not None:
        until = f"至 {late.valid_to} 止" if late.valid_to else "起施行"
        raise RulesNotMet(
            f"“{late.name}”已公布的版本自 {late.valid_from} {until}，晚于本次施行日期 {valid_from}",
            hint="施行日期不得早于已公布版本的施行、失效日期。",
            code="valid_from_too_early",
        )


def _clear_away(item_ids: Sequence[int]) -> None:
    """取消已公布：拟取消的标记随之了结，未送审的修改稿放弃，免得下次送审又把事项当新增送回。"""
    ItemEnding.objects.filter(item_id__in=item_ids).delete()
    drafts = ItemVersion.objects.select_for_update().filter(item_id__in=item_ids, state__in=["draft", "returned"])
    for version in drafts:
        version.state = VERSION_FLOW.decide(version.state, "discard", roles=["drafter"]).target
        version.lock_version += 1
        version.save(update_fields=["state", "lock_version"])


def _store(ended: Sequence[ItemVersion], fresh: Sequence[ItemVersion], valid_from: date, now: datetime) -> None:
    """一版之中大多数事项改的一样，按版本号成批写，不逐行写。"""
    ItemVersion.objects.filter(id__in=[version.pk for version in ended]).update(valid_to=valid_from, ended_at=now)
    by_number: dict[int, list[ItemVersion]] = defaultdict(list)
    for version in fresh:
        by_number[version.number or 0].append(version)
    for number, versions in by_number.items():
        ItemVersion.objects.filter(id__in=[version.pk for version in versions]).update(
            state=versions[0].state,
            number=number,
            valid_from=valid_from,
            published_at=now,
            lock_version=F("lock_version") + 1,
        )


@transaction.atomic
def correction_publish(
    *,
    actor: Actor,
    version_id: int,
    seen_version: int,
    document_number: str,
    issued_on: str,
    reason: str,
    now: datetime,
) -> int:
    """勘误：由信息公开人员公布另一人改好的草稿；只改文字差错，自当日（未施行的自原施行日）起。返回版次编号。"""
    list_id = selectors.version(version_id=version_id, scope=actor.scope).list_id
    power_list = selectors.list_for_update(list_id=list_id, scope=actor.scope)
    version = selectors.version_for_update(version_id=version_id, scope=actor.scope, seen_version=seen_version)
    if actor.body_id != power_list.body_id or not actor.has("publisher"):
        raise NotPermitted("勘误由本机构信息公开人员公布", hint="请由有信息公开职责的同事办理。")
    if not actor.person_ids.isdisjoint(version.author_ids):
        raise NotPermitted("不能公布自己起草的勘误", hint="请由另一位有信息公开职责的同事办理。", code="own_draft")
    if version.state != "draft":
        raise WrongState("只有草稿能作为勘误公布", hint="请先起草勘误内容。")
    if not reason.strip():
        raise RulesNotMet("勘误必须写明理由", hint="请写明何处有误、如何更正。", code="reason_required")
    old = version.item.versions.filter(state="published", valid_to__isnull=True).first()
    if old is None or old.valid_from is None:
        raise WrongState("事项没有现行版本，不能勘误", hint="新事项请按程序送审。")
    domain.require_correction_only(content_of(old), content_of(version))
    valid_from = max(localdate(now), old.valid_from)
    issue = issue_from_details(
        power_list,
        {"document_number": document_number, "issued_on": issued_on, "valid_from": valid_from.isoformat()},
        now=now,
    )
    version.state = VERSION_FLOW.decide(version.state, "freeze", roles=["drafter"]).target
    version.save(update_fields=["state"])
    entry = SubmissionItem(item=version.item, version=version, base_version=old, action="correct")
    return edition_publish(
        actor=actor,
        power_list=power_list,
        entries=[entry],
        issue=issue,
        submission=None,
        is_correction=True,
        note=reason,
        now=now,
    )
