"""送审件与送审事项。"""

from django.db import models
from django.db.models import Q

from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS, SUBMISSION_FLOW
from quanze.apps.catalog.models.items import ItemVersion, PowerItem
from quanze.apps.catalog.models.lists import PowerList


class Submission(models.Model):
    """送审件：一份清单中一批冻结的事项版本，走一套程序。"""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="submissions", verbose_name="清单")
    title = models.CharField("标题", max_length=200)
    procedure = models.CharField("审查程序", max_length=48)
    state = models.CharField("状态", max_length=12, choices=list(SUBMISSION_FLOW.states.items()), default="draft")
    note = models.TextField("说明", blank=True)
    case_id = models.BigIntegerField("审查案卷", null=True, blank=True)
    created_by_id = models.BigIntegerField("建立人")
    created_by_name = models.CharField("建立人姓名", max_length=64)
    created_at = models.DateTimeField("建立时间")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "送审件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["power_list"],
                condition=Q(state__in=["in_review", "returned"]),
                name="one_submission_in_review_per_list",
            )
        ]


class SubmissionItem(models.Model):
    """送审事项：动作（新增、变更、取消、勘误）与版本；取消时没有新版本。"""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="items", verbose_name="送审件")
    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="submission_items", verbose_name="事项")
    version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="submission_items", verbose_name="新版本"
    )
    base_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="现行版本"
    )
    action = models.CharField("动作", max_length=8, choices=list(ENTRY_ACTIONS.items()))
    outcome = models.CharField(
        "结果",
        max_length=8,
        choices=[("", "未定"), ("return", "退回"), ("passed", "通过"), ("refused", "不予通过")],
        blank=True,
    )
    finding_count = models.PositiveIntegerField("检查发现数", default=0)

    class Meta:
        verbose_name = "送审事项"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["submission", "item"], name="item_once_per_submission")]
