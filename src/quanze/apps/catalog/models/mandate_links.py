"""事项与三定的对应。Links are ended, never deleted: what rested on which clause on a day can always be told."""

from django.db import models
from django.db.models import F, Q

from quanze.apps.catalog.models.items import PowerItem


class MandateLink(models.Model):
    """三定对应：事项对应一条主要职责（clause）或一句内设机构职责（duty）；存下当时的编号与文字。"""

    KINDS = [("clause", "主要职责"), ("duty", "内设机构职责")]

    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="mandate_links", verbose_name="事项")
    kind = models.CharField("种类", max_length=8, choices=KINDS)
    key = models.CharField("条款身份", max_length=32)
    label = models.CharField("编号或内设机构", max_length=100)
    text = models.TextField("文字")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    linked_at = models.DateTimeField("对应时间")
    linked_by_name = models.CharField("对应人", max_length=64)
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)
    ended_by_name = models.CharField("解除人", max_length=64, blank=True)
    end_reason = models.CharField("解除理由", max_length=500, blank=True)

    class Meta:
        verbose_name = "三定对应"
        ordering = ["id"]
        indexes = [models.Index(fields=["key"])]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "key"], condition=Q(ended_at__isnull=True), name="one_open_link_per_item_and_clause"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="mandate_link_forward"
            ),
        ]
