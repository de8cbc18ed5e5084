"""检查发现的入库、豁免与一键修正。A list is checked whole; what was found before is replaced, waivers stay and are matched anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.items import ItemContent, ListSnapshot
from quanze.apps.catalog.models import FindingWaiver, ItemVersion, PowerList, SourceCell, StoredFinding
from quanze.apps.catalog.rules import REGISTRY
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.snapshots import list_snapshot
from quanze.apps.catalog.services.checking import check_snapshot
from quanze.apps.catalog.services.drafting import draft_start, require_drafter
from quanze.apps.catalog.services.storing import NewVersion, SourcePlace, rewrite_many
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import Defect, ErrorPlace, NotPermitted, RulesNotMet
from quanze.core.lint import Finding, Judged, Severity, Waiver, judge

# A fix may uncover another (a bracket, then the mark after it); more rounds than this would be a defect of a rule.
MAX_ROUNDS = 4

audit.register_action("catalog.finding.waived", "豁免检查发现")
audit.register_action("catalog.findings.fixed", "一键修正")


@dataclass(frozen=True, slots=True)
class FindingsReport:
    """清单的检查结果：逐条发现与豁免；``version_of`` 为事项键到版本编号。"""

    judged: tuple[Judged, ...]
    version_of: Mapping[str, int]
    names: Mapping[str, str]

    def count_for(self, version_id: int) -> int:
        """某版本未豁免的发现数。提示不计。"""
        return sum(
            self.version_of.get(one.finding.key) == version_id
            and one.waiver is None
            and one.finding.severity is not Severity.INFO
            for one in self.judged
        )

    def blocking_for(self, version_ids: Collection[int]) -> tuple[Judged, ...]:
        """挡住这些版本送审的发现；对整份清单的错误挡住全部。"""
        wanted = set(version_ids)
        return tuple(
            one
            for one in self.judged
            if one.is_blocking and (not one.finding.key or self.version_of.get(one.finding.key) in wanted)
        )


def waivers_of(power_list: PowerList) -> list[Waiver]:
    rows = FindingWaiver.objects.filter(power_list=power_list).order_by("id")
    return [
        Waiver(
            code=row.code,
            key=f"item:{row.item_id}" if row.item_id else "",
            content_hash=row.content_hash,
            reason=row.reason,
            granted_by=row.granted_by_name,
        )
        for row in rows
    ]


@transaction.atomic
def findings_refresh(*, power_list: PowerList, now: datetime) -> FindingsReport:
    """重新检查清单并存下发现。Derived data, recomputed at will: nothing of it is entered in the record."""
    snapshot = list_snapshot(list_id=power_list.pk, scope=EVERYTHING, on=localdate(now))
    report = check_snapshot(snapshot)
    judged = judge(report.findings, waivers_of(power_list), redirects=REGISTRY.redirects)
    version_of = {item.key: item.version_id for item in snapshot.items if item.version_id is not None}
    names = {item.key: item.content.name for item in snapshot.items}
    StoredFinding.objects.filter(power_list=power_list).delete()
    StoredFinding.objects.bulk_create(
        [
            StoredFinding(
                power_list=power_list,
                version_id=version_of.get(one.finding.key),
                code=one.finding.code,
                severity=one.finding.severity.value,
                field=one.finding.field,
                message=one.finding.message,
                evidence=one.finding.evidence,
                suggestion=one.finding.suggestion,
                fix=_previewed(one.finding),
                content_hash=one.finding.content_hash,
                found_at=now,
            )
            for one in judged
            if one.waiver is None
        ],
        batch_size=1000,
    )
    power_list.checked_at = now
    PowerList.objects.filter(pk=power_list.pk).update(checked_at=now)
    return FindingsReport(judged, version_of, names)


def _previewed(finding: Finding) -> dict[str, str] | None:
    """存下供预览的修正：只存文字。The parts that follow a text are worked out anew when the fix is applied."""
    return {field: value for field, value in (finding.fix or {}).items() if isinstance(value, str)} or None


def require_no_blocking(report: FindingsReport, *, version_ids: Collection[int]) -> None:
    """有未豁免的错误则不能送审；逐条说明事项、规则、缺什么、怎么办。"""
    held = report.blocking_for(version_ids)
    if not held:
        return
    by_code = Counter(one.finding.code for one in held)
    summary = "、".join(f"{code} {count} 处" for code, count in sorted(by_code.items()))
    raise RulesNotMet(
        f"有 {len(held)} 处错误未改正（{summary}），不能送审",
        defects=[
            Defect(
                one.finding.code,
                f"{report.names.get(one.finding.key, '整份清单')}：{one.finding.message}",
                ErrorPlace(field=one.finding.field),
            )
            for one in held
        ],
        hint="请逐条改正；确有理由的，请编办豁免后再送审。",
        code="findings_blocking",
    )


@transaction.atomic
def waiver_grant(*, actor: Actor, list_id: int, code: str, item_id: int | None, reason: str, now: datetime) -> int:
    """豁免一条发现：错误只能由编办豁免，警告本机构可说明；内容改变即失效。返回豁免编号。"""
    if not reason.strip():
        raise RulesNotMet("豁免必须写明理由", hint="请写明依据或情况。", code="reason_required")
    power_list = selectors.list_for_update(list_id=list_id, scope=actor.scope)
    # Who may only look is refused before anything is said about the findings.
    require_drafter_or_establishment(actor, power_list.body_id)
    report = findings_refresh(power_list=power_list, now=now)
    key = f"item:{item_id}" if item_id else ""
    found = [one for one in report.judged if one.finding.code == code and one.finding.key == key and one.waiver is None]
    if not found:
        raise RulesNotMet("没有这条发现，或已豁免、已改正", hint="请重新检查清单。", code="finding_gone")
    has_errors = any(one.finding.severity is Severity.ERROR for one in found)
    if has_errors and not actor.has("establishment"):
        raise NotPermitted(
            "错误只能由编办豁免", hint="请改正，或请编办说明理由后豁免。", code="waiver_by_establishment"
        )
    hashes = list(dict.fromkeys(one.finding.content_hash for one in found))
    rows = FindingWaiver.objects.bulk_create(
        FindingWaiver(
            power_list=power_list,
            item_id=item_id,
            code=code,
            content_hash=content_hash,
            reason=reason,
            granted_by_id=actor.user_id or 0,
            granted_by_name=actor.name,
            granted_at=now,
        )
        for content_hash in hashes
    )
    audit.record(
        actor=actor,
        action="catalog.finding.waived",
        subject=audit.SubjectRef("catalog.list", power_list.pk, report.names.get(key, "整份清单"), power_list.body_id),
        after={"code": code, "item_id": item_id, "messages": [one.finding.message for one in found]},
        reason=reason,
        now=now,
    )
    findings_refresh(power_list=power_list, now=now)
    return rows[0].pk


def require_drafter_or_establishment(actor: Actor, body_id: int) -> None:
    """警告由本机构业务口或编办说明。"""
    if not actor.has("establishment"):
        require_drafter(actor, body_id)


@dataclass(frozen=True, slots=True)
class FixResult:
    """一键修正的结果：改动的事项数与字段（单元格）数。"""

    items: int
    cells: int


@transaction.atomic
def fix_apply(
    *, actor: Actor, list_id: int, codes: Sequence[str] = (), item_ids: Sequence[int] | None = None, now: datetime
) -> FixResult:
    """一键修正：把规则给出的机器修正写入草稿（换行、控制字符、全半角括号等不涉法律含义者）。

    Items under review are left alone; an item in force gets a draft. One audit row describes the batch.
    """
    power_list = selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    selectors.lock_working(power_list.pk)
    snapshot = list_snapshot(list_id=power_list.pk, scope=EVERYTHING, on=localdate(now))
    frozen = set(power_list.items.filter(versions__state="frozen").values_list("id", flat=True))
    wanted = {
        item.key
        for item in snapshot.items
        if item.item_id not in frozen and (item_ids is None or item.item_id in item_ids)
    }
    fixed, cells = fixed_contents(snapshot, keys=wanted, codes=codes, waivers=waivers_of(power_list))
    if not fixed:
        return FixResult(0, 0)
    rows = _drafts_of(power_list, [int(key.removeprefix("item:")) for key in fixed], actor=actor, now=now)
    contents = [fixed[f"item:{version.item_id}"] for version, _ in rows]
    rewrite_many(
        [version for version, _ in rows],
        [
            NewVersion(version.item, content, version.change_note, source)
            for (version, source), content in zip(rows, contents, strict=True)
        ],
        actor=actor,
        now=now,
    )
    audit.record(
        actor=actor,
        action="catalog.findings.fixed",
        subject=audit.SubjectRef("catalog.list", power_list.pk, f"{power_list.body.name}权责清单", power_list.body_id),
        after={
            "items": len(fixed),
            "cells": cells,
            "codes": list(codes),
            "versions": sorted([version.item.code, version.content_hash] for version, _ in rows),
        },
        now=now,
    )
    findings_refresh(power_list=power_list, now=now)
    return FixResult(len(fixed), cells)


def fixed_contents(
    snapshot: ListSnapshot, *, keys: Collection[str], codes: Sequence[str], waivers: Sequence[Waiver]
) -> tuple[dict[str, ItemContent], int]:
    """修正后的内容（事项键 → 内容）与改动的单元格数。Works on the snapshot alone, in rounds until nothing is left."""
    current, touched = snapshot, set[tuple[str, str]]()
    for _ in range(MAX_ROUNDS):
        fixes = _fixes(judge(check_snapshot(current).findings, waivers, redirects=REGISTRY.redirects), keys, codes)
        if not fixes:
            break
        touched |= {
            (key, field) for key, values in fixes.items() for field, new in values.items() if isinstance(new, str)
        }
        current = replace(
            current,
            items=tuple(
                replace(item, content=replace(item.content, **fixes[item.key])) if item.key in fixes else item  # type: ignore[arg-type]
                for item in current.items
            ),
        )
    changed = {key for key, _ in touched}
    return {item.key: item.content for item in current.items if item.key in changed}, len(touched)


def _fixes(judged: Sequence[Judged], keys: Collection[str], codes: Sequence[str]) -> dict[str, dict[str, object]]:
    """事项键 → 这一轮要写的值；同一字段有两个修正时先写一个，余者下一轮再看。"""
    fixes: dict[str, dict[str, object]] = {}
    for one in judged:
        finding = one.finding
        if finding.fix and finding.key in keys and one.waiver is None and (not codes or finding.code in codes):
            held = fixes.setdefault(finding.key, {})
            if held.keys().isdisjoint(finding.fix):
                held.update(finding.fix)
    return fixes


def _drafts_of(
    power_list: PowerList, item_ids: Sequence[int], *, actor: Actor, now: datetime
) -> list[tuple[ItemVersion, SourcePlace | None]]:
    """这些事项的草稿与来源；没有草稿的先起草。"""
    drafted = set(ItemVersion.objects.filter(item_id__in=item_ids, state="draft").values_list("item_id", flat=True))
    for item_id in item_ids:
        if item_id not in drafted:
            draft_start(actor=actor, item_id=item_id, now=now)
    rows = ItemVersion.objects.select_for_update(of=("self",)).filter(item_id__in=item_ids, state="draft")
    versions = list(rows.select_related("item").order_by("item__ordinal", "item_id"))
    cells = {cell.version_id: cell for cell in SourceCell.objects.filter(version__in=[row.pk for row in versions])}
    return [
        (row, SourcePlace(cell.file_name, cell.sheet, cell.row, cell.cells) if cell is not None else None)
        for row in versions
        for cell in (cells.get(row.pk),)
    ]


@transaction.atomic
def findings_recheck(*, actor: Actor, list_id: int, now: datetime) -> FindingsReport:
    """重新检查：由本机构业务口或编办发起。"""
    power_list = selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter_or_establishment(actor, power_list.body_id)
    return findings_refresh(power_list=power_list, now=now)
