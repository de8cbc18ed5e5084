"""简明指南的各版。"""

from django.db import models
from django.db.models import F, Q

from quanze.apps.catalog.domain.guides import GUIDE_FLOW
from quanze.apps.catalog.models.items import PowerItem


class PlainGuide(models.Model):
    """简明指南：一个事项的指南与运行流程的一版。公布后不再改动；有效期半开，公布时定。

    The content is read and shown whole, never asked for by its parts: it stands in one column (``domain/guides``).
    """

    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="guides", verbose_name="事项")
    state = models.CharField("状态", max_length=12, choices=list(GUIDE_FLOW.states.items()), default="draft")
    number = models.PositiveIntegerField("版本号", null=True, blank=True)
    content = models.JSONField("指南内容", default=dict)
    content_hash = models.CharField("内容摘要", max_length=64)
    change_note = models.CharField("变更说明", max_length=500, blank=True)
    valid_from = models.DateField("生效日期", null=True, blank=True)
    valid_to = models.DateField("失效日期", null=True, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    published_by_name = models.CharField("公布人", max_length=64, blank=True)
    ended_at = models.DateTimeField("登记失效时间", null=True, blank=True)
    end_reason = models.CharField("停止公开的理由", max_length=500, blank=True)
    author_id = models.BigIntegerField("起草人", null=True, blank=True)
    author_name = models.CharField("起草人姓名", max_length=64, blank=True)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("修改时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "简明指南"
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "valid_from", "valid_to"])]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "number"], condition=Q(number__isnull=False), name="guide_number_once"
            ),
            models.UniqueConstraint(fields=["item"], condition=Q(state="draft"), name="one_draft_guide_per_item"),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state="published", valid_to__isnull=True),
                name="one_open_guide_per_item",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="guide_validity_forward"
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(valid_from__isnull=False, number__isnull=False, published_at__isnull=False),
                name="published_guide_is_dated",
            ),
        ]
