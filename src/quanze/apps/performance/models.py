"""行权运行的表：数据报送、待核实、专项说明、风险警示、月度件数。Events themselves live in the warehouse."""

from django.db import models
from django.db.models import Q

from quanze.apps.performance.domain.explanations import EXPLANATION_FLOW
from quanze.apps.performance.domain.special_cases import SPECIAL_CASE_LABELS
from quanze.apps.performance.domain.warnings import WARNING_FLOW, WARNING_KIND_LABELS, WARNING_LEVEL_LABELS


class RunImport(models.Model):
    """数据报送：一次送入的文件、用的列映射、结果报告。``key`` repeats the warehouse's idempotency key."""

    key = models.CharField("幂等键", max_length=200, unique=True)
    batch_id = models.BigIntegerField("批次")
    file_name = models.CharField("文件名", max_length=300)
    digest = models.CharField("内容摘要", max_length=64)
    mapping_code = models.CharField("列映射", max_length=60)
    constants = models.JSONField("固定值", default=dict)
    source = models.CharField("来源", max_length=60)
    report = models.JSONField("结果报告")
    body_codes = models.JSONField("涉及机构", default=list)
    created_by = models.BigIntegerField("报送人", null=True)
    created_by_name = models.CharField("报送人姓名", max_length=100)
    body_id = models.BigIntegerField("报送机构", null=True)
    created_at = models.DateTimeField("报送时间")

    class Meta:
        verbose_name = "数据报送"
        verbose_name_plural = "数据报送"
        indexes = [models.Index(fields=["body_id", "-id"], name="performance_import_body")]

    def __str__(self):
        return self.file_name


class QuarantinedFile(models.Model):
    """待核实原件：一次报送中未入库的行，原样存放。"""

    run_import = models.ForeignKey(RunImport, models.PROTECT, related_name="quarantined_files", verbose_name="数据报送")
    source = models.CharField("来源", max_length=60)
    path = models.CharField("相对路径", max_length=200)
    digest = models.CharField("内容摘要", max_length=64)
    rows = models.BigIntegerField("行数")
    is_open = models.BooleanField("待核实", default=True)

    class Meta:
        verbose_name = "待核实原件"
        verbose_name_plural = "待核实原件"

    def __str__(self):
        return self.path


class QuarantinedEvent(models.Model):
    """清单外行权（待核实）：事项 × 机构 × 月 × 理由的汇总。Not a fault until somebody has confirmed it."""

    class Verdict(models.TextChoices):
        PENDING = "pending", "待核实"
        CONFIRMED = "confirmed", "核实为清单外行权"
        TO_BE_LISTED = "to_be_listed", "待入清单"
        RELEASED = "released", "已核销（改正后入库）"

    file = models.ForeignKey(QuarantinedFile, models.PROTECT, related_name="groups", verbose_name="待核实原件")
    reason = models.CharField("理由", max_length=40)
    item_code = models.CharField("事项标识", max_length=100)
    body_code = models.CharField("机构编码", max_length=100)
    body_id = models.BigIntegerField("机构", null=True)
    month = models.CharField("月份", max_length=7)
    rows = models.BigIntegerField("行数")
    cases = models.BigIntegerField("办件数")
    verdict = models.CharField("核实结果", max_length=20, choices=Verdict, default=Verdict.PENDING)
    note = models.CharField("核实说明", max_length=500, blank=True)
    decided_by_name = models.CharField("核实人", max_length=100, blank=True)
    decided_at = models.DateTimeField("核实时间", null=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "清单外行权（待核实）"
        verbose_name_plural = "清单外行权（待核实）"
        indexes = [models.Index(fields=["verdict", "body_id", "month"], name="performance_quarantine_open")]

    def __str__(self):
        return f"{self.item_code} {self.month} {self.cases} 件"


class Explanation(models.Model):
    """专项说明：一项特殊情形事项在某年度的说明与认定。"""

    item_code = models.CharField("事项标识", max_length=100)
    item_name = models.CharField("事项名称", max_length=600)
    body = models.ForeignKey("org.Body", models.PROTECT, related_name="+", verbose_name="机构")
    kind = models.CharField("特殊情形", max_length=20, choices=list(SPECIAL_CASE_LABELS.items()))
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=20, choices=list(EXPLANATION_FLOW.states.items()), default="open")
    statement = models.CharField("判定事实", max_length=300)
    text = models.TextField("说明", blank=True)
    opinion = models.TextField("认定意见", blank=True)
    opened_at = models.DateTimeField("列出时间")
    submitted_at = models.DateTimeField("提交时间", null=True)
    submitted_by_name = models.CharField("提交人", max_length=100, blank=True)
    decided_at = models.DateTimeField("认定时间", null=True)
    decided_by_name = models.CharField("认定人", max_length=100, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "专项说明"
        verbose_name_plural = "专项说明"
        constraints = [
            models.UniqueConstraint(fields=["item_code", "body", "kind", "year"], name="performance_explained_once")
        ]
        indexes = [models.Index(fields=["body", "year", "state"], name="performance_explain_body")]

    def __str__(self):
        return f"{self.item_name}（{self.get_kind_display()}，{self.year}）"


class RiskWarning(models.Model):
    """行权风险警示：按规则提出的一件，同一事实同一期间只提一次；督办由上层能力据此办理。"""

    kind = models.CharField("种类", max_length=20, choices=[(str(k), v) for k, v in WARNING_KIND_LABELS.items()])
    level = models.CharField("级别", max_length=12, choices=[(str(k), v) for k, v in WARNING_LEVEL_LABELS.items()])
    body = models.ForeignKey("org.Body", models.PROTECT, related_name="+", verbose_name="机构")
    item_code = models.CharField("事项标识", max_length=100)
    item_name = models.CharField("事项名称", max_length=600, blank=True)
    source = models.CharField("数据来源", max_length=100, blank=True)
    case_ref = models.CharField("办件编号", max_length=200, blank=True)
    period = models.CharField("期间", max_length=7)
    statement = models.CharField("事实", max_length=500)
    facts = models.JSONField("判定数据", default=dict)
    receiver_names = models.CharField("接收人", max_length=300, blank=True)
    state = models.CharField("状态", max_length=12, choices=list(WARNING_FLOW.states.items()), default="new")
    raised_at = models.DateTimeField("提出时间")
    read_at = models.DateTimeField("阅知时间", null=True)
    read_by_name = models.CharField("阅知人", max_length=100, blank=True)
    explanation = models.TextField("说明", blank=True)
    explained_at = models.DateTimeField("说明时间", null=True)
    explained_by_name = models.CharField("说明人", max_length=100, blank=True)
    opinion = models.TextField("退回意见", blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "行权风险警示"
        verbose_name_plural = "行权风险警示"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "body", "item_code", "source", "case_ref", "period"], name="performance_warned_once"
            )
        ]
        indexes = [models.Index(fields=["body", "state", "-id"], name="performance_warning_body")]

    def __str__(self):
        return f"{self.get_kind_display()}：{self.item_name or self.item_code}{f' {self.case_ref}' if self.case_ref else ''}"


class MonthlyCount(models.Model):
    """月度件数：没有办件系统的事项按月手工填报的办件数。"""

    item_code = models.CharField("事项标识", max_length=100)
    body = models.ForeignKey("org.Body", models.PROTECT, related_name="+", verbose_name="机构")
    month = models.DateField("月份")
    cases = models.PositiveIntegerField("办件数")
    entered_by_name = models.CharField("填报人", max_length=100)
    entered_at = models.DateTimeField("首次填报时间")
    changed_at = models.DateTimeField("修改时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "月度件数"
        verbose_name_plural = "月度件数"
        constraints = [
            models.UniqueConstraint(fields=["item_code", "body", "month"], name="performance_count_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="performance_count_month_start"),
        ]

    def __str__(self):
        return f"{self.item_code} {self.month:%Y-%m} {self.cases} 件"
