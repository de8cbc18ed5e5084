"""范本换版的合并，与范本事项的不列入。"""

from django.db import models
from django.db.models import Q

from quanze.apps.catalog.domain.lifecycles import MERGE_FLOW
from quanze.apps.catalog.models.lists import PowerList


class BaseMerge(models.Model):
    """范本合并：范本由某版到某版，一份以它为准的清单要不要、怎样跟着改。

    What is merged is computed from the versions of the base and the list; only what people chose is stored.
    """

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="merges", verbose_name="清单")
    base_list = models.ForeignKey(PowerList, models.PROTECT, related_name="offered_merges", verbose_name="目录范本")
    from_number = models.PositiveIntegerField("自第几版")
    to_number = models.PositiveIntegerField("到第几版")
    state = models.CharField("状态", max_length=12, choices=list(MERGE_FLOW.states.items()), default="open")
    choices = models.JSONField("冲突的选择", default=dict)
    changed = models.PositiveIntegerField("改动的事项数", default=0)
    conflicts = models.PositiveIntegerField("冲突数", default=0)
    opened_at = models.DateTimeField("开出时间")
    settled_at = models.DateTimeField("合并时间", null=True, blank=True)
    settled_by_name = models.CharField("合并人", max_length=64, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "范本合并"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["power_list"], condition=Q(state="open"), name="one_open_merge_per_list"),
            models.CheckConstraint(condition=Q(to_number__gt=models.F("from_number")), name="merge_forward"),
        ]


class BaseOmission(models.Model):
    """不列入：范本的一项本级不列，理由写明；可以撤回。Kept by the code of the base item, which never changes."""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="omissions", verbose_name="清单")
    base_code = models.CharField("范本事项", max_length=64)
    name = models.CharField("事项名称", max_length=600)
    reason = models.CharField("理由", max_length=500)
    omitted_at = models.DateTimeField("写明时间")
    omitted_by_name = models.CharField("写明人", max_length=64)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        verbose_name = "不列入"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["power_list", "base_code"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_omission_per_list_and_base_item",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="omission_has_reason"),
        ]
