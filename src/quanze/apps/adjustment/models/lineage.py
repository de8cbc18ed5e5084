"""事项沿革。"""

from django.db import models


class ItemLineage(models.Model):
    """事项沿革：合并、分设、划转之后，旧事项与新事项的对应，使前后数目可比。"""

    old_item = models.ForeignKey("catalog.PowerItem", models.PROTECT, related_name="successors", verbose_name="原事项")
    new_item = models.ForeignKey(
        "catalog.PowerItem", models.PROTECT, related_name="predecessors", verbose_name="新事项"
    )
    kind = models.CharField("关系", max_length=12)
    valid_from = models.DateField("自")
    adjustment = models.ForeignKey(
        "adjustment.Adjustment", models.PROTECT, null=True, blank=True, related_name="lineage", verbose_name="动态调整"
    )

    class Meta:
        verbose_name = "事项沿革"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["old_item", "new_item"], name="lineage_once_per_pair"),
            models.CheckConstraint(condition=~models.Q(old_item=models.F("new_item")), name="lineage_between_two"),
        ]
