"""依法不公开的事项。"""

from django.db import models
from django.db.models import Q

from quanze.apps.catalog.domain.nondisclosure import NONDISCLOSURE_FLOW, OPEN_STATES
from quanze.apps.catalog.models.items import PowerItem


class NonDisclosure(models.Model):
    """依法不公开：某事项不对外公开的情形、法律依据、理由，谁申请、谁审定、哪天复核。

    Whatever its versions, an item with an active mark is nowhere on the public side, on whatever day one asks about; on the
    desk it stands as ever. A main item hides its sub-items.
    """

    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="nondisclosures", verbose_name="事项")
    state = models.CharField("状态", max_length=12, choices=list(NONDISCLOSURE_FLOW.states.items()), default="proposed")
    ground = models.CharField("情形", max_length=24)
    legal_basis = models.CharField("法律依据", max_length=300)
    reason = models.TextField("理由")
    proposed_by_id = models.BigIntegerField("申请人", null=True, blank=True)
    proposed_by_name = models.CharField("申请人姓名", max_length=64)
    proposed_at = models.DateTimeField("申请时间")
    due_on = models.DateField("审定期限")
    due_is_projected = models.BooleanField("期限为推算", default=False)
    decided_by_name = models.CharField("审定人", max_length=64, blank=True)
    decided_at = models.DateTimeField("审定时间", null=True, blank=True)
    decision_note = models.CharField("审定意见", max_length=500, blank=True)
    review_on = models.DateField("复核日期", null=True, blank=True)
    lifted_by_name = models.CharField("恢复公开的人", max_length=64, blank=True)
    lifted_at = models.DateTimeField("恢复公开时间", null=True, blank=True)
    lift_reason = models.CharField("恢复公开的理由", max_length=500, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "依法不公开"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "item"])]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(state__in=list(OPEN_STATES)), name="one_open_nondisclosure_per_item"
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(decided_at__isnull=False, review_on__isnull=False),
                name="active_nondisclosure_is_decided",
            ),
            models.CheckConstraint(condition=~Q(legal_basis="") & ~Q(reason=""), name="nondisclosure_is_grounded"),
        ]
