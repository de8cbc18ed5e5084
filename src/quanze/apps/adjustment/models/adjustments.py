"""动态调整：一个事由之下一份清单的调整，所涉事项、暂停与提醒。"""

from django.db import models

from quanze.apps.adjustment.domain.lifecycles import ADJUSTMENT_FLOW, OPEN_STATES
from quanze.apps.adjustment.models.triggers import AdjustmentTrigger


class Adjustment(models.Model):
    """动态调整：某机构的清单因一个事由要改；期限由法定日与工作日历算出，不另存灯色。"""

    trigger = models.ForeignKey(AdjustmentTrigger, models.PROTECT, related_name="adjustments", verbose_name="调整事由")
    power_list = models.ForeignKey("catalog.PowerList", models.PROTECT, related_name="adjustments", verbose_name="清单")
    body_id = models.BigIntegerField("机构", db_index=True)
    body_name = models.CharField("机构名称", max_length=128)
    state = models.CharField("状态", max_length=12, choices=list(ADJUSTMENT_FLOW.states.items()), default="pending")
    submission_id = models.BigIntegerField("送审件", null=True, blank=True, db_index=True)
    duty_review = models.TextField("责任事项核对", blank=True)
    accountability_review = models.TextField("追责情形核对", blank=True)
    outcome = models.TextField("结果说明", blank=True)
    opened_at = models.DateTimeField("建立时间")
    applied_at = models.DateTimeField("申请时间", null=True, blank=True)
    published_on = models.DateField("公布生效日期", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "动态调整"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "id"])]
        constraints = [
            models.UniqueConstraint(fields=["trigger", "power_list"], name="one_adjustment_per_trigger_and_list"),
            models.UniqueConstraint(
                fields=["submission_id"],
                condition=models.Q(state__in=["in_review", "returned"]),
                name="one_adjustment_per_open_submission",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=list(OPEN_STATES)) | models.Q(closed_at__isnull=False),
                name="closed_adjustment_is_dated",
            ),
        ]


class AdjustmentItem(models.Model):
    """调整事项：所涉的一项（增加、承接尚无事项），怎样调整、填写的要素。"""

    adjustment = models.ForeignKey(Adjustment, models.CASCADE, related_name="items", verbose_name="动态调整")
    item = models.ForeignKey(
        "catalog.PowerItem", models.PROTECT, null=True, blank=True, related_name="adjustment_items", verbose_name="事项"
    )
    name = models.CharField("事项名称", max_length=600)
    reason = models.CharField("所涉原因", max_length=500, blank=True)
    kind = models.CharField("调整类型", max_length=24, blank=True)
    fields = models.JSONField("要素", default=dict)
    rejected = models.CharField("不进清单的理由", max_length=500, blank=True)

    class Meta:
        verbose_name = "调整事项"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["adjustment", "item"], condition=models.Q(item__isnull=False), name="item_once_per_adjustment"
            )
        ]


class AdjustmentPause(models.Model):
    """调整暂停：等待编委会议的起止、自身的期限与理由。"""

    adjustment = models.ForeignKey(Adjustment, models.CASCADE, related_name="pauses", verbose_name="动态调整")
    reason = models.CharField("理由", max_length=500)
    started_on = models.DateField("起")
    limit_on = models.DateField("暂停期限")
    ended_on = models.DateField("止", null=True, blank=True)
    started_by_name = models.CharField("登记人", max_length=64)

    class Meta:
        verbose_name = "调整暂停"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["adjustment"], condition=models.Q(ended_on__isnull=True), name="one_open_pause_per_adjustment"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("started_on")),
                name="pause_forward",
            ),
        ]


class AdjustmentAlarm(models.Model):
    """期限提醒：某级提醒发过一次；重启、重跑都不再发。"""

    adjustment = models.ForeignKey(Adjustment, models.CASCADE, related_name="alarms", verbose_name="动态调整")
    level = models.CharField("级别", max_length=8)
    raised_at = models.DateTimeField("发出时间")

    class Meta:
        verbose_name = "期限提醒"
        constraints = [models.UniqueConstraint(fields=["adjustment", "level"], name="alarm_once_per_level")]
