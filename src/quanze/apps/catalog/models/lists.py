"""清单与范本绑定。"""

from django.db import models
from django.db.models import F, Q


class PowerList(models.Model):
    """权责清单：一个机构的一份清单；用哪个清单模板、走哪套程序。"""

    body = models.ForeignKey("org.Body", models.PROTECT, related_name="power_lists", verbose_name="机构")
    list_type = models.CharField("清单类型", max_length=16, default="QZ")
    template = models.CharField("清单模板", max_length=48, default="published-2024")
    procedure = models.CharField("审查程序", max_length=48, default="six-step")
    created_at = models.DateTimeField("建立时间")
    checked_at = models.DateTimeField("上次检查", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "权责清单"
        constraints = [models.UniqueConstraint(fields=["body", "list_type"], name="one_list_per_body_and_type")]


class BaseBinding(models.Model):
    """范本绑定：清单以哪一份目录范本为准，自何日至何日。Dated, so that a check as of a day uses the base of that day."""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="bindings", verbose_name="清单")
    base_list = models.ForeignKey(PowerList, models.PROTECT, related_name="bound_lists", verbose_name="目录范本")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    bound_at = models.DateTimeField("绑定时间")
    bound_by_name = models.CharField("绑定人", max_length=64)

    class Meta:
        verbose_name = "范本绑定"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["power_list"], condition=Q(valid_to__isnull=True), name="one_open_base_per_list"
            ),
            models.CheckConstraint(condition=~Q(power_list=F("base_list")), name="list_is_not_its_own_base"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="binding_validity_forward"
            ),
        ]
