"""审查案卷、步骤与逐项意见。Rows keep the procedure as it was when the case opened; names are copied as text."""

from django.db import models
from django.db.models import Q

from quanze.apps.workflow.domain import CASE_FLOW, STEP_FLOW, VERDICTS


class Case(models.Model):
    """审查案卷：一个送审对象走一套程序。"""

    subject_kind = models.CharField("对象种类", max_length=48)
    subject_id = models.BigIntegerField("对象编号")
    subject_label = models.CharField("对象", max_length=300)
    body_id = models.BigIntegerField("送审机构", db_index=True)
    body_name = models.CharField("送审机构名称", max_length=128)
    procedure_code = models.CharField("程序", max_length=48)
    procedure_version = models.PositiveIntegerField("程序版本")
    procedure = models.JSONField("程序全文")
    state = models.CharField("状态", max_length=12, choices=list(CASE_FLOW.states.items()), default="open")
    round_no = models.PositiveIntegerField("轮次", default=1)
    item_ids = models.JSONField("事项")
    focus_ids = models.JSONField("本轮只看的事项", default=list)
    focus_until = models.IntegerField("只看到第几步", default=-1)
    author_ids = models.JSONField("起草人", default=list)
    opened_by_id = models.BigIntegerField("送审人", db_index=True)
    opened_by_name = models.CharField("送审人姓名", max_length=64)
    opened_at = models.DateTimeField("送审时间")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "审查案卷"
        indexes = [models.Index(fields=["subject_kind", "subject_id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state__in=["open", "returned"]),
                name="one_open_case_per_subject",
            )
        ]


class CaseStep(models.Model):
    """审查步骤：第几轮第几步、由何机构何角色、时限、意见与决定。"""

    case = models.ForeignKey(Case, models.CASCADE, related_name="steps", verbose_name="案卷")
    round_no = models.PositiveIntegerField("轮次")
    ordinal = models.PositiveIntegerField("步序")
    code = models.CharField("步骤", max_length=48)
    label = models.CharField("步骤名称", max_length=64)
    kind = models.CharField("种类", max_length=12)
    role = models.CharField("角色", max_length=32)
    assignee_body_id = models.BigIntegerField("办理机构")
    assignee_body_name = models.CharField("办理机构名称", max_length=128)
    state = models.CharField("状态", max_length=12, choices=list(STEP_FLOW.states.items()), default="pending")
    opened_at = models.DateTimeField("到达时间")
    due_on = models.DateField("办理期限")
    due_is_projected = models.BooleanField("期限所跨日历未公布", default=False)
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    decided_by_id = models.BigIntegerField("办理人", null=True, blank=True, db_index=True)
    decided_by_name = models.CharField("办理人姓名", max_length=64, blank=True)
    decided_by_post = models.CharField("办理人岗位", max_length=64, blank=True)
    opinion = models.TextField("意见", blank=True)
    details = models.JSONField("决定要素", default=dict)
    is_from_paper = models.BooleanField("据纸质签批登记", default=False)
    paper_signed_by = models.CharField("纸质签批人", max_length=64, blank=True)
    paper_signed_on = models.DateField("纸质签批日期", null=True, blank=True)
    paper_file_id = models.BigIntegerField("签批扫描件", null=True, blank=True)

    class Meta:
        verbose_name = "审查步骤"
        ordering = ["id"]
        indexes = [models.Index(fields=["assignee_body_id", "role", "state", "due_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["pending", "waiting"]), name="one_open_step_per_case"
            )
        ]


class StepItem(models.Model):
    """逐项意见：本步对某一事项同意或退回。"""

    step = models.ForeignKey(CaseStep, models.CASCADE, related_name="items", verbose_name="步骤")
    item_id = models.BigIntegerField("事项")
    verdict = models.CharField("意见", max_length=8, choices=list(VERDICTS.items()), blank=True)
    opinion = models.TextField("理由", blank=True)

    class Meta:
        verbose_name = "逐项意见"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["step", "item_id"], name="one_opinion_per_item_and_step")]
        indexes = [models.Index(fields=["item_id"])]


class StepPause(models.Model):
    """暂停计时：起止、理由、本身的期限（如等待会议）。"""

    step = models.ForeignKey(CaseStep, models.CASCADE, related_name="pauses", verbose_name="步骤")
    started_at = models.DateTimeField("起")
    ended_at = models.DateTimeField("止", null=True, blank=True)
    limit_on = models.DateField("暂停期限", null=True, blank=True)
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "暂停计时"


class OpinionDraft(models.Model):
    """未决意见：审查人决定之前写下的意见，随写随存，只有本人看得见，决定之后删去。"""

    step = models.ForeignKey(CaseStep, models.CASCADE, related_name="opinion_drafts", verbose_name="步骤")
    user_id = models.BigIntegerField("账号")
    opinion = models.TextField("意见", blank=True)
    items = models.JSONField("逐项意见", default=dict)
    details = models.JSONField("决定要素", default=dict)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "未决意见"
        constraints = [models.UniqueConstraint(fields=["step", "user_id"], name="one_opinion_draft_per_step_and_user")]


class OpinionPhrase(models.Model):
    """常用意见：各人自己的。"""

    user_id = models.BigIntegerField("账号", db_index=True)
    text = models.CharField("意见", max_length=200)

    class Meta:
        verbose_name = "常用意见"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user_id", "text"], name="phrase_once_per_user")]
