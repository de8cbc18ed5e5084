"""关联清单备案。"""

from django.db import models

from quanze.apps.adjustment.domain.lifecycles import FILING_FLOW
from quanze.apps.adjustment.models.triggers import AdjustmentTrigger


class Filing(models.Model):
    """备案：关联清单先行调整的，由其主管部门报备；备案不是审批，由备案可直接开启调整。"""

    number = models.CharField("编号", max_length=24, unique=True)
    body_id = models.BigIntegerField("报备机构", db_index=True)
    body_name = models.CharField("报备机构名称", max_length=128)
    catalogue = models.CharField("关联清单", max_length=100)
    document_number = models.CharField("公布文号", max_length=100, blank=True)
    published_on = models.DateField("公布日期")
    text = models.TextField("调整情况")
    item_ids = models.JSONField("所涉事项", default=list)
    state = models.CharField("状态", max_length=12, choices=list(FILING_FLOW.states.items()), default="filed")
    opinion = models.CharField("意见", max_length=500, blank=True)
    filed_by_name = models.CharField("报备人", max_length=64)
    filed_at = models.DateTimeField("报备时间")
    due_on = models.DateField("提出补正的期限")
    handled_by_name = models.CharField("经办人", max_length=64, blank=True)
    handled_at = models.DateTimeField("办理时间", null=True, blank=True)
    trigger = models.OneToOneField(
        AdjustmentTrigger, models.PROTECT, null=True, blank=True, related_name="filing", verbose_name="调整事由"
    )
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "备案"
        ordering = ["-id"]
