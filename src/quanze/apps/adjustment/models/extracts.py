"""上级清单核对。"""

from django.db import models

from quanze.apps.adjustment.models.triggers import AdjustmentTrigger


class ExtractCheck(models.Model):
    """上级清单核对：一份省、国家清单的提取件与本级一份清单的一次核对；逐行结果存作数据。"""

    power_list = models.ForeignKey(
        "catalog.PowerList", models.PROTECT, related_name="extract_checks", verbose_name="清单"
    )
    body_id = models.BigIntegerField("机构", db_index=True)
    body_name = models.CharField("机构名称", max_length=128)
    system = models.CharField("上级系统", max_length=32)
    system_label = models.CharField("上级系统名称", max_length=100)
    file_name = models.CharField("文件", max_length=300)
    extract_on = models.DateField("提取日期")
    synced_on = models.DateField("同步日期", null=True, blank=True)
    limit_workdays = models.PositiveIntegerField("同步期限（工作日）")
    rows = models.JSONField("逐行结果", default=list)
    matched = models.PositiveIntegerField("一致", default=0)
    differing = models.PositiveIntegerField("不同", default=0)
    proposed = models.PositiveIntegerField("待确认", default=0)
    unmatched = models.PositiveIntegerField("上级有本级无", default=0)
    extra = models.PositiveIntegerField("本级有上级无", default=0)
    late_items = models.PositiveIntegerField("迟同步的项", default=0)
    most_late = models.PositiveIntegerField("最多迟几个工作日", default=0)
    checked_at = models.DateTimeField("核对时间")
    checked_by_name = models.CharField("核对人", max_length=64)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "上级清单核对"
        ordering = ["-id"]
        indexes = [models.Index(fields=["power_list", "system", "-id"])]


class ExtractTrigger(models.Model):
    """由核对开启的调整事由：两边互相连着。"""

    extract_check = models.ForeignKey(
        ExtractCheck, models.PROTECT, related_name="triggers", verbose_name="上级清单核对"
    )
    trigger = models.OneToOneField(
        AdjustmentTrigger, models.PROTECT, related_name="extract_origin", verbose_name="调整事由"
    )
    row_count = models.PositiveIntegerField("行数")

    class Meta:
        verbose_name = "核对开启的事由"
        ordering = ["id"]
