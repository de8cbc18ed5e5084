"""调整事由。"""

from django.db import models


class AdjustmentTrigger(models.Model):
    """调整事由：法律立改废、简政放权、机构职能调整等；法定日与登记日分开，晚登记的也自法定日起算。"""

    number = models.CharField("编号", max_length=24, unique=True)
    kind = models.CharField("事由类型", max_length=32)
    title = models.CharField("事由", max_length=200)
    evidence = models.TextField("依据")
    legal_on = models.DateField("法定日")
    registered_at = models.DateTimeField("登记时间")
    registered_by_name = models.CharField("登记人", max_length=64)
    body_id = models.BigIntegerField("登记机构", null=True, blank=True)
    note = models.TextField("说明", blank=True)
    source_key = models.CharField("来源标识", max_length=120, blank=True, db_index=True)

    class Meta:
        verbose_name = "调整事由"
        ordering = ["-id"]
        constraints = [
            # What other capabilities open by themselves (a law in force, a mandate) is opened once.
            models.UniqueConstraint(
                fields=["source_key"], condition=~models.Q(source_key=""), name="trigger_once_per_source"
            )
        ]
