"""专项工作：专项梳理、年度集中调整、权责两单合一；任务、归入的事由、培训。"""

from django.db import models

from quanze.apps.adjustment.domain.lifecycles import CAMPAIGN_FLOW, CAMPAIGN_TASK_FLOW
from quanze.apps.adjustment.models.triggers import AdjustmentTrigger


class Campaign(models.Model):
    """专项工作：方案、牵头机构、起止期限；要求公布的，期限之后未公布的机构列为超期。

    No counter is stored: progress is counted from the tasks, changes from the adjustments of the linked triggers, and what
    was published from the editions of the lists.
    """

    kind = models.CharField("种类", max_length=32)
    title = models.CharField("名称", max_length=200)
    plan = models.TextField("方案")
    owner_body_id = models.BigIntegerField("牵头机构", db_index=True)
    owner_body_name = models.CharField("牵头机构名称", max_length=128)
    starts_on = models.DateField("开始日期")
    due_on = models.DateField("期限")
    is_publishing = models.BooleanField("须在期限前公布清单", default=False)
    state = models.CharField("状态", max_length=12, choices=list(CAMPAIGN_FLOW.states.items()), default="drafted")
    outcome = models.CharField("结束说明", max_length=500, blank=True)
    created_by_name = models.CharField("拟定人", max_length=64)
    created_at = models.DateTimeField("拟定时间")
    started_at = models.DateTimeField("下发时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "专项工作"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(due_on__gte=models.F("starts_on")), name="campaign_forward"),
            models.CheckConstraint(
                condition=~models.Q(state="closed") | models.Q(closed_at__isnull=False), name="closed_campaign_is_dated"
            ),
        ]


class CampaignTask(models.Model):
    """专项任务：交给一个机构的一件事，责任人、期限、完成情况。"""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tasks", verbose_name="专项工作")
    title = models.CharField("任务", max_length=200)
    body_id = models.BigIntegerField("承办机构", db_index=True)
    body_name = models.CharField("承办机构名称", max_length=128)
    responsible = models.CharField("责任人", max_length=64, blank=True)
    due_on = models.DateField("期限")
    state = models.CharField("状态", max_length=12, choices=list(CAMPAIGN_TASK_FLOW.states.items()), default="pending")
    report = models.CharField("完成情况", max_length=1000, blank=True)
    remark = models.CharField("牵头机构的话", max_length=500, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_by_name = models.CharField("报告人", max_length=64, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "专项任务"
        ordering = ["id"]
        indexes = [models.Index(fields=["body_id", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "body_id", "title"], name="task_once_per_body"),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(done_at__isnull=False), name="done_task_is_dated"
            ),
        ]


class CampaignTrigger(models.Model):
    """专项事由：归入专项工作的调整事由。One campaign at most, so that no change is counted twice."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="links", verbose_name="专项工作")
    trigger = models.OneToOneField(
        AdjustmentTrigger, models.PROTECT, related_name="campaign_link", verbose_name="调整事由"
    )

    class Meta:
        verbose_name = "专项事由"
        ordering = ["id"]


class TrainingSession(models.Model):
    """业务培训：专项工作中的一次培训，日期、内容、办班机构、人数、材料。"""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sessions", verbose_name="专项工作")
    body_id = models.BigIntegerField("办班机构")
    body_name = models.CharField("办班机构名称", max_length=128)
    held_on = models.DateField("日期")
    topic = models.CharField("内容", max_length=200)
    attendees = models.PositiveIntegerField("人数")
    material_file_id = models.BigIntegerField("材料", null=True, blank=True)
    material_name = models.CharField("材料名称", max_length=255, blank=True)
    recorded_by_name = models.CharField("登记人", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "业务培训"
        ordering = ["held_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "body_id", "held_on", "topic"], name="session_recorded_once"),
            models.CheckConstraint(condition=models.Q(attendees__gte=1), name="session_with_people"),
        ]
