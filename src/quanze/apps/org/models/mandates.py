"""三定规定的版本、条款与内设机构职责。A version is written once, when it is read; only its state, its days and identities change."""

from django.db import models
from django.db.models import F, Q

from quanze.apps.org.domain.mandate_clauses import CLAUSE_KIND_LABELS
from quanze.apps.org.domain.mandate_versions import CHANGE_LABELS, MANDATE_FLOW
from quanze.apps.org.models.directory import Body


class MandateVersion(models.Model):
    """三定版本：机构、文号、印发与施行日期、全文、来源文件。"""

    body = models.ForeignKey(Body, models.PROTECT, related_name="mandates", verbose_name="机构")
    number = models.PositiveIntegerField("版次")
    title = models.CharField("题名", max_length=300)
    document_number = models.CharField("文号", max_length=100)
    issued_on = models.DateField("印发日期")
    valid_from = models.DateField("施行日期")
    valid_to = models.DateField("被取代日期", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=list(MANDATE_FLOW.states.items()), default="draft")
    text = models.TextField("全文")
    digest = models.CharField("全文摘要（SHA-256）", max_length=64)
    source_name = models.CharField("来源文件", max_length=255, blank=True)
    file_id = models.BigIntegerField("来源文件编号", null=True, blank=True)
    defects = models.JSONField("读不通之处", default=list)
    dropped = models.JSONField("上一版有而没有了的", default=list)
    created_at = models.DateTimeField("录入时间")
    created_by_name = models.CharField("录入人", max_length=64)
    adopted_at = models.DateTimeField("启用时间", null=True, blank=True)
    adopted_by_name = models.CharField("启用人", max_length=64, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "三定版本"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="mandate_number_once"),
            models.UniqueConstraint(fields=["body"], condition=Q(state="draft"), name="one_mandate_draft_per_body"),
            models.UniqueConstraint(fields=["body"], condition=Q(state="in_force"), name="one_mandate_in_force"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="mandate_period_forward"
            ),
        ]


class MandateClause(models.Model):
    """三定条款：编号、层级、所属部分、内设机构、文字；``key`` 为跨版本的身份。"""

    version = models.ForeignKey(MandateVersion, models.CASCADE, related_name="clauses", verbose_name="三定版本")
    ordinal = models.PositiveIntegerField("次序")
    key = models.CharField("身份", max_length=32)
    path = models.CharField("编号", max_length=100)
    depth = models.PositiveSmallIntegerField("层级")
    part = models.CharField("部分", max_length=16, choices=[(str(k), v) for k, v in CLAUSE_KIND_LABELS.items()])
    division = models.CharField("内设机构", max_length=64, blank=True)
    text = models.TextField("文字")
    is_duty = models.BooleanField("是职责", default=False)
    change = models.CharField("与上一版相比", max_length=12, choices=[(str(k), v) for k, v in CHANGE_LABELS.items()])
    similarity = models.PositiveSmallIntegerField("相似度（%）", default=0)
    before = models.TextField("上一版的文字", blank=True)

    class Meta:
        verbose_name = "三定条款"
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="clause_key_once_per_version")]
        indexes = [models.Index(fields=["key"])]


class DivisionDuty(models.Model):
    """内设机构职责：三定条款里的一句，在条款文字中的起止（半开，按字计）。"""

    clause = models.ForeignKey(MandateClause, models.CASCADE, related_name="duties", verbose_name="三定条款")
    ordinal = models.PositiveIntegerField("次序")
    key = models.CharField("身份", max_length=32)
    division = models.CharField("内设机构", max_length=64)
    start = models.PositiveIntegerField("起")
    end = models.PositiveIntegerField("止")
    text = models.TextField("文字")
    change = models.CharField("与上一版相比", max_length=12, choices=[(str(k), v) for k, v in CHANGE_LABELS.items()])
    similarity = models.PositiveSmallIntegerField("相似度（%）", default=0)
    before = models.TextField("上一版的文字", blank=True)

    class Meta:
        verbose_name = "内设机构职责"
        ordering = ["ordinal"]
        indexes = [models.Index(fields=["key"])]
