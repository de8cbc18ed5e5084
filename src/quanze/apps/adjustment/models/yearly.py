"""年度目录：《政府部门权责清单目录》。"""

from django.db import models

from quanze.apps.adjustment.domain.lifecycles import CHECK_FLOW, YEARLY_FLOW


class YearlyCatalogue(models.Model):
    """年度目录：某年截止日现行的全部清单汇总成一本，编委审定后以文件印发。

    What it lists is not copied: it is the set in force at the cut-off as known when it was issued, and the digest proves it.
    """

    owner_body_id = models.BigIntegerField("编制机构")
    region_id = models.BigIntegerField("区划")
    region_name = models.CharField("区划名称", max_length=64)
    year = models.PositiveIntegerField("年度")
    cut_off = models.DateField("截止日")
    state = models.CharField("状态", max_length=12, choices=list(YEARLY_FLOW.states.items()), default="drafted")
    body_ids = models.JSONField("所含机构", default=list)
    meeting_number = models.CharField("会议号", max_length=100, blank=True)
    resolution = models.CharField("决议", max_length=500, blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    issued_at = models.DateTimeField("印发时间", null=True, blank=True)
    item_count = models.PositiveIntegerField("事项数", default=0)
    subitem_count = models.PositiveIntegerField("子项数", default=0)
    digest = models.CharField("摘要", max_length=64, blank=True)
    digest_algorithm = models.CharField("摘要算法", max_length=12, blank=True)
    created_by_name = models.CharField("汇总人", max_length=64)
    created_at = models.DateTimeField("汇总时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "年度目录"
        ordering = ["-year", "region_id"]
        constraints = [
            models.UniqueConstraint(fields=["region_id", "year"], name="one_catalogue_per_region_and_year"),
            models.CheckConstraint(
                condition=~models.Q(state="issued")
                | (models.Q(issued_on__isnull=False) & ~models.Q(document_number="") & ~models.Q(digest="")),
                name="issued_catalogue_is_numbered",
            ),
        ]


class CatalogueCheck(models.Model):
    """部门核对：年度目录里本机构的部分，核对无误或提出异议。"""

    catalogue = models.ForeignKey(YearlyCatalogue, models.CASCADE, related_name="checks", verbose_name="年度目录")
    body_id = models.BigIntegerField("机构")
    body_name = models.CharField("机构名称", max_length=128)
    state = models.CharField("状态", max_length=12, choices=list(CHECK_FLOW.states.items()), default="pending")
    remark = models.CharField("异议或说明", max_length=500, blank=True)
    answer = models.CharField("编办答复", max_length=500, blank=True)
    checked_by_name = models.CharField("核对人", max_length=64, blank=True)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "部门核对"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["catalogue", "body_id"], name="check_once_per_body")]
