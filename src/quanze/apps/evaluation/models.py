"""监督评估的表：指标包、评估方案、评估轮次、参评单位、指标得分、人工评定、评估结论。

What a score was made of is copied, never pointed at: a round keeps the frozen indicator set, each score its inputs, formula
and version, so that a closed round can be recomputed next year to the same bytes.
"""

from django.db import models
from django.db.models import F, Q

from quanze.apps.evaluation.domain.lifecycles import CONCLUSION_FLOW, ROUND_FLOW


class IndicatorPack(models.Model):
    """指标包：一套指标的一个版本，整份照存，装入后不改。"""

    key = models.CharField("标识", max_length=48)
    edition = models.CharField("版次", max_length=16)
    revision = models.PositiveIntegerField("修订号")
    name = models.CharField("名称", max_length=200)
    source = models.CharField("来源", max_length=500, blank=True)
    data = models.JSONField("内容")
    digest = models.CharField("摘要", max_length=64)
    installed_at = models.DateTimeField("装入时间")

    class Meta:
        verbose_name = "指标包"
        ordering = ["key", "-edition", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["key", "edition", "revision"], name="pack_revision_once"),
            models.UniqueConstraint(fields=["key", "edition", "digest"], name="pack_content_once"),
        ]

    def __str__(self):
        return f"{self.name}（{self.edition} 第 {self.revision} 次修订）"


class EvaluationScheme(models.Model):
    """评估方案：自指标包任选指标、自定权重；用过的方案不再改，另存新方案。"""

    name = models.CharField("名称", max_length=120)
    focus = models.CharField("重点与目标", max_length=300, blank=True)
    pack = models.ForeignKey(IndicatorPack, models.PROTECT, related_name="schemes", verbose_name="指标包")
    created_by_name = models.CharField("拟订人", max_length=64)
    created_at = models.DateTimeField("拟订时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "评估方案"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["name"], name="scheme_name_once")]

    def __str__(self):
        return self.name


class SchemeIndicator(models.Model):
    """方案所选指标与权重。"""

    scheme = models.ForeignKey(EvaluationScheme, models.CASCADE, related_name="indicators", verbose_name="方案")
    code = models.CharField("指标编码", max_length=24)
    weight = models.DecimalField("权重", max_digits=7, decimal_places=2)
    ordinal = models.PositiveIntegerField("次序")

    class Meta:
        verbose_name = "方案指标"
        ordering = ["scheme", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="indicator_once_per_scheme"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="indicator_weight_positive"),
        ]


class EvaluationRound(models.Model):
    """评估轮次：方案、参评单位、评估期间与统计截止日；启动时冻结指标集。"""

    name = models.CharField("名称", max_length=120)
    scheme = models.ForeignKey(EvaluationScheme, models.PROTECT, related_name="rounds", verbose_name="方案")
    state = models.CharField("状态", max_length=12, choices=list(ROUND_FLOW.states.items()), default="draft")
    period_start = models.DateField("期间起")
    period_end = models.DateField("期间止（不含）")
    as_of = models.DateField("统计截止日")
    regulation = models.CharField("所依办法", max_length=200)
    organisation = models.TextField("组织实施")
    result_use = models.TextField("结果运用")
    indicator_set = models.JSONField("冻结的指标集", null=True, blank=True)
    digest = models.CharField("结果摘要", max_length=64, blank=True)
    job_id = models.BigIntegerField("计分任务", null=True, blank=True)
    created_by_name = models.CharField("建立人", max_length=64)
    created_at = models.DateTimeField("建立时间")
    opened_at = models.DateTimeField("启动时间", null=True, blank=True)
    computed_at = models.DateTimeField("计分时间", null=True, blank=True)
    concluded_at = models.DateTimeField("审定时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "评估轮次"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="round_name_once"),
            models.CheckConstraint(condition=Q(period_end__gt=F("period_start")), name="round_period_forward"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(indicator_set__isnull=False), name="open_round_is_frozen"
            ),
        ]

    def __str__(self):
        return self.name


class RoundBody(models.Model):
    """参评单位：机构、层级，总分与得分树。"""

    round = models.ForeignKey(EvaluationRound, models.CASCADE, related_name="bodies", verbose_name="轮次")
    body = models.ForeignKey("org.Body", models.PROTECT, related_name="+", verbose_name="机构")
    body_name = models.CharField("机构名称", max_length=128)
    level = models.CharField("层级", max_length=8)
    ordinal = models.PositiveIntegerField("次序")
    total = models.DecimalField("总分", max_digits=9, decimal_places=4, null=True, blank=True)
    rank = models.PositiveIntegerField("名次", null=True, blank=True)
    ranked = models.PositiveIntegerField("同级参加排名数", default=0)
    result = models.JSONField("得分树", null=True, blank=True)

    class Meta:
        verbose_name = "参评单位"
        ordering = ["round", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["round", "body"], name="body_once_per_round")]


class IndicatorScore(models.Model):
    """指标得分：自动读数、合成读数、得分、公式与版本，以及背后的行。"""

    round_body = models.ForeignKey(RoundBody, models.CASCADE, related_name="scores", verbose_name="参评单位")
    code = models.CharField("指标编码", max_length=24)
    automatic = models.JSONField("自动读数", default=dict)
    evidence = models.JSONField("背后的行", default=dict)
    reading = models.JSONField("读数")
    points = models.DecimalField("得分", max_digits=9, decimal_places=4, null=True, blank=True)
    full = models.DecimalField("满分", max_digits=9, decimal_places=4)
    formula_version = models.CharField("公式版本", max_length=120)
    source = models.CharField("来源", max_length=16)
    ordinal = models.PositiveIntegerField("次序")

    class Meta:
        verbose_name = "指标得分"
        ordering = ["round_body", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["round_body", "code"], name="indicator_once_per_body")]


class ManualEntry(models.Model):
    """人工评定：谁、何时、给了什么读数、理由；只增不改，最后一条有效。"""

    round_body = models.ForeignKey(RoundBody, models.CASCADE, related_name="entries", verbose_name="参评单位")
    code = models.CharField("指标编码", max_length=24)
    reading = models.JSONField("读数")
    reason = models.CharField("评定理由", max_length=500)
    actor_id = models.BigIntegerField("评定人", null=True, blank=True)
    actor_name = models.CharField("评定人姓名", max_length=64)
    actor_body_name = models.CharField("评定人机构", max_length=128, blank=True)
    at = models.DateTimeField("评定时间")

    class Meta:
        verbose_name = "人工评定"
        ordering = ["id"]
        indexes = [models.Index(fields=["round_body", "code", "id"])]


class EvaluationConclusion(models.Model):
    """评估结论：逐句成文，每句指向其数据；印发后存 Word 与 PDF。"""

    round_body = models.OneToOneField(RoundBody, models.CASCADE, related_name="conclusion", verbose_name="参评单位")
    state = models.CharField("状态", max_length=12, choices=list(CONCLUSION_FLOW.states.items()), default="draft")
    version = models.PositiveIntegerField("版次", default=1)
    sentences = models.JSONField("句子")
    document_number = models.CharField("文号", max_length=100, blank=True)
    issuer = models.CharField("印发机关", max_length=128, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    digest = models.CharField("内容摘要", max_length=64, blank=True)
    docx_file_id = models.BigIntegerField("Word 文件", null=True, blank=True)
    pdf_file_id = models.BigIntegerField("PDF 文件", null=True, blank=True)
    updated_at = models.DateTimeField("修改时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "评估结论"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(document_number="") & Q(issued_on__isnull=False)),
                name="issued_conclusion_is_numbered",
            )
        ]
