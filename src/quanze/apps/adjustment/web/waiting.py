"""工作台上动态调整方面的待办：待申请的调整，待处理的同步变更，待确认的声明与备案。"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localdate

from quanze.apps.adjustment.selectors import campaigns
from quanze.apps.adjustment.selectors import waiting as selectors
from quanze.base.web.pending import PendingMatter
from quanze.core.actor import Actor


def matters(actor: Actor, today: date) -> list[PendingMatter]:
    """此人的待办。"""
    found = []
    for row in selectors.adjustments_waiting(actor, today=today):
        is_own = row.body_id == actor.body_id
        found.append(
            PendingMatter(
                key=f"adjustment:{row.id:012}",
                label=f"{row.trigger.title}：{row.body_name}",
                url=reverse("adjustment:adjustment", args=[row.id]),
                body_name=row.body_name,
                step_label="部门申请" if is_own and row.state == "pending" else "确认不涉及",
                opened_on=localdate(row.trigger.registered_at),
                due_on=row.clock.due.on,
                due_is_projected=row.clock.due.projected,
                items=row.items,
                opened_by_name=row.trigger.registered_by_name,
            )
        )
    for group in selectors.dependants_waiting(actor, today=today):
        found.append(
            PendingMatter(
                key=f"adjustment.dependants:{group.adjustment_id:012}",
                label=f"{group.trigger_title}：同步处理",
                url=f"{reverse('adjustment:dependants')}?adjustment={group.adjustment_id}",
                body_name=group.from_body_name,
                step_label="同步变更",
                opened_on=localdate(group.opened_at),
                due_on=group.due.on,
                due_is_projected=group.due.projected,
                items=group.count,
            )
        )
    return found


def rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """待办的调整与同步处理。"""
    return selectors.waiting_rows(actor)


def task_matters(actor: Actor, today: date) -> list[PendingMatter]:
    """此人机构待完成的专项任务。"""
    return [
        PendingMatter(
            key=f"adjustment.campaign_task:{row.pk:012}",
            label=f"{row.campaign.title}：{row.title}",
            url=reverse("adjustment:campaign_task", args=[row.pk]),
            body_name=row.campaign.owner_body_name,
            step_label="专项任务",
            opened_on=localdate(row.campaign.started_at) if row.campaign.started_at else today,
            due_on=row.due_on,
            due_is_projected=False,
            opened_by_name=row.campaign.created_by_name,
        )
        for row in campaigns.tasks_waiting(actor)
    ]


def task_rows(actor: Actor, today: date) -> list[QuerySet[Any, Any]]:
    """待完成的专项任务。"""
    return [campaigns.tasks_waiting_rows(actor)]
