"""公开渠道的任务与手册发放。"""

from django.db import models

from quanze.apps.catalog.domain.channels import DISCLOSURE_FLOW
from quanze.apps.catalog.models.editions import ListEdition


class DisclosureTask(models.Model):
    """公开渠道任务：某版次在某渠道公开；期限、凭据、登记人。``digest`` is that of the edition, copied: what was shown there."""

    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="disclosure_tasks", verbose_name="版次")
    channel = models.CharField("渠道", max_length=24)
    channel_label = models.CharField("渠道名称", max_length=64)
    state = models.CharField("状态", max_length=12, choices=list(DISCLOSURE_FLOW.states.items()), default="pending")
    due_on = models.DateField("期限")
    due_is_projected = models.BooleanField("期限为推算", default=False)
    digest = models.CharField("摘要", max_length=64)
    done_on = models.DateField("公开日期", null=True, blank=True)
    url = models.CharField("网址", max_length=500, blank=True)
    place = models.CharField("地点", max_length=200, blank=True)
    receipt_file_id = models.BigIntegerField("凭据文件", null=True, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    reported_by_name = models.CharField("登记人", max_length=64, blank=True)
    reported_at = models.DateTimeField("登记时间", null=True, blank=True)
    opened_at = models.DateTimeField("生成时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "公开渠道任务"
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "due_on"])]
        constraints = [
            models.UniqueConstraint(fields=["edition", "channel"], name="channel_once_per_edition"),
            models.CheckConstraint(
                condition=~models.Q(state="done") | models.Q(done_on__isnull=False), name="done_disclosure_is_dated"
            ),
        ]


class HandbookDelivery(models.Model):
    """手册发放：某版次的手册发到何处、几份、哪天。"""

    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="deliveries", verbose_name="版次")
    place = models.CharField("村（社区）或单位", max_length=100)
    copies = models.PositiveIntegerField("份数")
    delivered_on = models.DateField("发放日期")
    recorded_by_name = models.CharField("登记人", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "手册发放"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(copies__gt=0), name="delivery_has_copies"),
        ]
