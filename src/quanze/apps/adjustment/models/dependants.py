"""同步变更。"""

from django.db import models

from quanze.apps.adjustment.domain.lifecycles import DEPENDANT_FLOW
from quanze.apps.adjustment.models.adjustments import Adjustment, AdjustmentItem


class DependantChange(models.Model):
    """同步变更：依附于所调事项的一个条目，要做什么，由所属机构办；全部处理完调整才能办结。

    ``seen_version_id`` is the version in force when the change was opened: "updated" must be true of the tables.
    """

    adjustment = models.ForeignKey(Adjustment, models.CASCADE, related_name="dependants", verbose_name="动态调整")
    source = models.ForeignKey(AdjustmentItem, models.CASCADE, related_name="dependants", verbose_name="调整事项")
    kind = models.CharField("条目种类", max_length=16)
    entry_id = models.BigIntegerField("条目")
    list_label = models.CharField("清单", max_length=64)
    body_id = models.BigIntegerField("所属机构", db_index=True)
    body_name = models.CharField("机构名称", max_length=128)
    name = models.CharField("条目名称", max_length=600)
    duty = models.CharField("要做什么", max_length=8)
    say = models.CharField("说明", max_length=200)
    seen_version_id = models.BigIntegerField("开出时的版本", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=list(DEPENDANT_FLOW.states.items()), default="pending")
    reason = models.CharField("理由", max_length=500, blank=True)
    settled_by_name = models.CharField("处理人", max_length=64, blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    opened_at = models.DateTimeField("开出时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "同步变更"
        ordering = ["id"]
        indexes = [models.Index(fields=["body_id", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["adjustment", "kind", "entry_id"], name="dependant_once_per_adjustment")
        ]
