"""不同步之处：核对出来的逐处结果，供筛选、待办与接口读取；由清单推得，随时可重算。"""

from django.db import models
from django.db.models import Q

from quanze.apps.catalog.models.derived import DerivedEntry, DerivedList


class DriftFinding(models.Model):
    """不同步之处：某份清单的一处；应列未列的没有条目。"""

    derived_list = models.ForeignKey(
        DerivedList, models.CASCADE, related_name="drift_findings", verbose_name="关联清单"
    )
    entry = models.ForeignKey(
        DerivedEntry, models.CASCADE, null=True, blank=True, related_name="drift_findings", verbose_name="条目"
    )
    kind = models.CharField("情形", max_length=16)
    name = models.CharField("条目或事项", max_length=600)
    message = models.TextField("哪里不同步")
    source_kind = models.CharField("来源种类", max_length=8)
    source_id = models.BigIntegerField("来源")
    source_body_name = models.CharField("来源机构", max_length=200, blank=True)
    since = models.DateField("自", null=True, blank=True)
    found_on = models.DateField("发现日期")

    class Meta:
        verbose_name = "不同步之处"
        ordering = ["derived_list", "id"]
        indexes = [
            models.Index(fields=["derived_list", "kind", "id"]),
            models.Index(fields=["entry", "kind"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=False) | Q(kind="missing"), name="drift_without_entry_is_missing"
            )
        ]
