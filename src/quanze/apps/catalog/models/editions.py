"""版次、公布日志与公众纠错。"""

from django.db import models
from django.db.models import Q

from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS
from quanze.apps.catalog.models.items import ItemVersion, PowerItem
from quanze.apps.catalog.models.lists import PowerList
from quanze.apps.catalog.models.submissions import Submission


class ListEdition(models.Model):
    """清单版次：印发公布的一版；文号、日期、施行日期、摘要。"""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="editions", verbose_name="清单")
    number = models.PositiveIntegerField("版次")
    document_number = models.CharField("文号", max_length=100)
    issued_on = models.DateField("印发日期")
    valid_from = models.DateField("施行日期")
    is_correction = models.BooleanField("勘误", default=False)
    note = models.TextField("说明", blank=True)
    item_count = models.PositiveIntegerField("主项与单项数")
    subitem_count = models.PositiveIntegerField("子项数")
    digest = models.CharField("摘要", max_length=64)
    digest_algorithm = models.CharField("摘要算法", max_length=12)
    submission = models.OneToOneField(
        Submission, models.PROTECT, null=True, blank=True, related_name="edition", verbose_name="送审件"
    )
    published_at = models.DateTimeField("公布时间")
    published_by_name = models.CharField("公布人", max_length=64)

    class Meta:
        verbose_name = "清单版次"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["power_list", "number"], name="edition_number_once"),
            models.CheckConstraint(condition=~Q(document_number=""), name="edition_has_document_number"),
        ]


class PublishRecord(models.Model):
    """公布日志：某版次中某事项由旧版本变为新版本；只增不改。"""

    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="records", verbose_name="版次")
    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="publish_records", verbose_name="事项")
    action = models.CharField("动作", max_length=8, choices=list(ENTRY_ACTIONS.items()))
    old_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="旧版本"
    )
    new_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新版本"
    )

    class Meta:
        verbose_name = "公布日志"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["edition", "item"], name="item_once_per_edition")]


class ErrorReport(models.Model):
    """公众纠错：对公开事项的差错反映；有编号、有答复期限。"""

    number = models.CharField("编号", max_length=24, unique=True)
    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="error_reports", verbose_name="事项")
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+", verbose_name="所见版本")
    text = models.TextField("反映内容")
    contact = models.CharField("联系方式", max_length=100, blank=True)
    received_at = models.DateTimeField("收到时间")
    due_on = models.DateField("答复期限")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by_name = models.CharField("答复人", max_length=64, blank=True)
    answer = models.TextField("答复", blank=True)

    class Meta:
        verbose_name = "公众纠错"
        ordering = ["-id"]
