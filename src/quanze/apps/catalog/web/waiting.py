"""工作台上清单方面的待办：随版次要公开的渠道，范本换版要合并的清单。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from quanze.apps.catalog.selectors import base_merges, bases, drift_findings
from quanze.apps.catalog.selectors import disclosing as selectors
from quanze.apps.catalog.selectors import links as link_selectors
from quanze.apps.catalog.selectors import mandate_links as mandate_selectors
from quanze.apps.catalog.selectors import nondisclosures as nondisclosure_selectors
from quanze.apps.org import public as org
from quanze.base.calendar.public import due
from quanze.base.parameters import public as parameters
from quanze.base.web.pending import PendingMatter
from quanze.core.actor import Actor


def disclosures(actor: Actor, today: date) -> list[PendingMatter]:
    """本机构待公开的渠道，一版一件，期限取最近的一个渠道。"""
    by_edition: dict[int, list[selectors.TaskView]] = {}
    for task in selectors.waiting_for(actor):
        by_edition.setdefault(task.edition_id, []).append(task)
    return [
        PendingMatter(
            key=f"catalog.disclosure:{edition_id:012}",
            label=f"{tasks[0].body_name}权责清单第 {tasks[0].edition_number} 版公开",
            url=f"{reverse('catalog:list_channels', args=[tasks[0].list_id])}?edition={edition_id}",
            body_name=tasks[0].body_name,
            step_label="、".join(task.label for task in tasks),
            opened_on=localdate(tasks[0].opened_at),
            due_on=tasks[0].due_on,
            due_is_projected=tasks[0].due_is_projected,
            items=len(tasks),
        )
        for edition_id, tasks in by_edition.items()
    ]


def disclosures_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """待公开的版次。"""
    return [selectors.waiting_rows(actor)]


def nondisclosures(actor: Actor, today: date) -> list[PendingMatter]:
    """待审定的不公开申请，与到期待复核的标记。"""
    return [
        PendingMatter(
            key=f"catalog.nondisclosure:{one.id:012}",
            label=f"不公开：{one.item_name}",
            url=reverse("catalog:nondisclosure", args=[one.id]),
            body_name=one.body_name,
            step_label="审定" if one.state == "proposed" else "到期复核",
            opened_on=localdate(one.proposed_at) if one.state == "proposed" else (one.review_on or today),
            due_on=one.due_on if one.state == "proposed" else (one.review_on or today),
            due_is_projected=one.due_is_projected and one.state == "proposed",
            opened_by_name=one.proposed_by_name,
        )
        for one in nondisclosure_selectors.waiting_for(actor, today)
    ]


def nondisclosures_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """待审定、待复核的。"""
    return [nondisclosure_selectors.waiting_rows(actor, today)]


def dead_links(actor: Actor, today: date) -> list[PendingMatter]:
    """本机构打不开的办事指南链接，一项一件。"""
    found = link_selectors.dead_links(actor, today)
    limit = parameters.value_int("dead_link_workdays", on=today) if found else 0
    matters = []
    for one in found:
        opened = localdate(one.dead_since)
        by = due(opened, limit)
        matters.append(
            PendingMatter(
                key=f"catalog.link:{one.item_id:012}",
                label=f"办事指南链接打不开：{one.item_name}",
                url=reverse("catalog:item_tab", args=[one.item_id, "guide"]),
                body_name=one.body_name,
                step_label=f"更正网址（{one.label}）",
                opened_on=opened,
                due_on=by.on,
                due_is_projected=by.projected,
            )
        )
    return matters


def dead_links_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """打不开的。"""
    return [link_selectors.dead_rows(actor, today)]


MERGE_WORKDAYS = 15  # the same fifteen working days in which a list follows what it rests on


def merges(actor: Actor, today: date) -> list[PendingMatter]:
    """本机构清单待合并的范本新版。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    found = []
    for row in base_merges.waiting(body_id=actor.body_id):
        opened = localdate(row.opened_at)
        by = due(opened, MERGE_WORKDAYS)
        found.append(
            PendingMatter(
                key=f"catalog.merge:{row.id:012}",
                label=f"目录范本第 {row.to_number} 版：合并到{row.body_name}清单",
                url=reverse("catalog:merge", args=[row.id]),
                body_name=row.body_name,
                step_label=f"合并范本（{row.conflicts} 处冲突）" if row.conflicts else "合并范本",
                opened_on=opened,
                due_on=by.on,
                due_is_projected=by.projected,
                items=row.changed,
            )
        )
    return found


def merges_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """待合并的。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    return [base_merges.waiting_rows(body_id=actor.body_id)]


def mandates(actor: Actor, today: date) -> list[PendingMatter]:
    """三定换版之后失去了条文的对应：一份清单一件，自新三定施行起十五个工作日。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    mandate = org.mandate_on(body_id=actor.body_id, scope=actor.scope, on=today)
    found: dict[int, int] = {}
    for list_id in mandate_selectors.orphaned(actor).values_list("item__power_list_id", flat=True):
        found[list_id] = found.get(list_id, 0) + 1
    if mandate is None:
        return []
    by = due(mandate.valid_from, MERGE_WORKDAYS)
    return [
        PendingMatter(
            key=f"catalog.mandate:{list_id:012}",
            label="三定换版：重新对应条款",
            url=f"{reverse('catalog:list_mandate', args=[list_id])}?problem=条文已没有",
            body_name=mandate.body_name,
            step_label="重新对应",
            opened_on=mandate.valid_from,
            due_on=by.on,
            due_is_projected=by.projected,
            items=number,
        )
        for list_id, number in found.items()
    ]


def mandates_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """失去了条文的清单。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    return [mandate_selectors.orphaned_lists(actor)]


def claims(actor: Actor, today: date) -> list[PendingMatter]:
    """范本已下发而本机构清单还一项都没有：待认领。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    found = []
    for row in bases.claims_waiting(body_id=actor.body_id):
        by = due(row.valid_from, MERGE_WORKDAYS)
        found.append(
            PendingMatter(
                key=f"catalog.claim:{row.list_id:012}",
                label=f"认领{row.base_name}",
                url=reverse("catalog:list_base", args=[row.list_id]),
                body_name=row.body_name,
                step_label="认领范本",
                opened_on=row.valid_from,
                due_on=by.on,
                due_is_projected=by.projected,
                items=row.items,
            )
        )
    return found


def claims_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """待认领的清单。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    return [bases.claims_waiting_rows(body_id=actor.body_id).values("pk")]


def drifts(actor: Actor, today: date) -> list[PendingMatter]:
    """本机构的关联清单与上级事项不同步：一份清单一件，从发现之日起算。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    found = []
    for row in drift_findings.drifting_for(body_id=actor.body_id):
        by = due(row.found_on, MERGE_WORKDAYS)
        parts = [f"{row.drifting} 条不同步"] * bool(row.drifting) + [f"{row.missing} 项应列未列"] * bool(row.missing)
        found.append(
            PendingMatter(
                key=f"catalog.drift:{row.list_id:012}",
                label=f"{row.label}与权责清单不同步",
                url=reverse("catalog:derived_drift", args=[row.list_id]),
                body_name=row.body_name,
                step_label="、".join(parts),
                opened_on=row.found_on,
                due_on=by.on,
                due_is_projected=by.projected,
                items=row.drifting + row.missing,
            )
        )
    return found


def drifts_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """不同步的清单。"""
    if actor.body_id is None or not actor.has("drafter"):
        return []
    return [drift_findings.drifting_rows(body_id=actor.body_id)]
