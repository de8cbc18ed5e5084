"""审定会议：议题、逐项的理由与决定、生成的材料。"""

from django.db import models

from quanze.apps.adjustment.domain.determining import DECISIONS
from quanze.apps.adjustment.domain.lifecycles import MEETING_FLOW


class CommitteeMeeting(models.Model):
    """审定会议：编委会、联席会议的一次会议，会议号、日期、地点、决议。"""

    number = models.CharField("会议号", max_length=100)
    title = models.CharField("会议名称", max_length=200)
    owner_body_id = models.BigIntegerField("筹备机构", db_index=True)
    owner_body_name = models.CharField("筹备机构名称", max_length=128)
    step_role = models.CharField("办理角色", max_length=32)
    held_on = models.DateField("会议日期")
    place = models.CharField("地点", max_length=100)
    state = models.CharField("状态", max_length=12, choices=list(MEETING_FLOW.states.items()), default="preparing")
    resolution = models.CharField("决议", max_length=500, blank=True)
    cancelled_because = models.CharField("不再召开的理由", max_length=500, blank=True)
    created_by_name = models.CharField("筹备人", max_length=64)
    created_at = models.DateTimeField("筹备时间")
    decided_at = models.DateTimeField("登记决定的时间", null=True, blank=True)
    decided_by_name = models.CharField("登记决定的人", max_length=64, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "审定会议"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_body_id", "number"],
                condition=~models.Q(state="cancelled"),
                name="one_meeting_per_number",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="decided") | (models.Q(decided_at__isnull=False) & ~models.Q(resolution="")),
                name="decided_meeting_has_resolution",
            ),
        ]


class MeetingTopic(models.Model):
    """议题：提请会议审定的一件送审件。``is_open`` keeps one submission out of two meetings at once.

    What the papers say of the submission (note, procedure, reviews so far) is copied: the meeting was told this.
    ``reviews``: [step, verdict, by whom, date, opinion] per step passed before the meeting.
    """

    meeting = models.ForeignKey(CommitteeMeeting, models.CASCADE, related_name="topics", verbose_name="审定会议")
    ordinal = models.PositiveIntegerField("次序")
    submission_id = models.BigIntegerField("送审件", db_index=True)
    title = models.CharField("议题", max_length=300)
    body_id = models.BigIntegerField("提请机构")
    body_name = models.CharField("提请机构名称", max_length=128)
    note = models.TextField("送审说明", blank=True)
    procedure = models.CharField("程序", max_length=100)
    submitted_on = models.DateField("送审日期")
    reviews = models.JSONField("会前审查", default=list)
    is_open = models.BooleanField("未决", default=True)
    outcome = models.CharField("结果", max_length=12, blank=True)

    class Meta:
        verbose_name = "议题"
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "submission_id"], name="topic_once_per_meeting"),
            models.UniqueConstraint(
                fields=["submission_id"], condition=models.Q(is_open=True), name="submission_in_one_open_meeting"
            ),
        ]


class MeetingEntry(models.Model):
    """议题事项：送审的一项，所送的版本与现行的版本，理由与依据，会议的决定。

    The texts are not copied: a submitted version never changes, so the two numbers are the texts.
    """

    topic = models.ForeignKey(MeetingTopic, models.CASCADE, related_name="entries", verbose_name="议题")
    entry_id = models.BigIntegerField("送审事项")
    item_code = models.CharField("事项标识", max_length=64)
    name = models.CharField("事项名称", max_length=600)
    action = models.CharField("动作", max_length=12)
    version_id = models.BigIntegerField("送审版本", null=True, blank=True)
    base_version_id = models.BigIntegerField("原版本", null=True, blank=True)
    reason = models.TextField("理由与依据")
    decision = models.CharField("决定", max_length=12, choices=list(DECISIONS.items()), blank=True)
    remark = models.CharField("决定的意见", max_length=500, blank=True)

    class Meta:
        verbose_name = "议题事项"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["topic", "entry_id"], name="entry_once_per_topic")]


class MeetingDocument(models.Model):
    """会议材料：一份材料的 Word 与 PDF。Made anew whenever the topics or reasons change; files once made stay in the store."""

    meeting = models.ForeignKey(CommitteeMeeting, models.CASCADE, related_name="documents", verbose_name="审定会议")
    kind = models.CharField("种类", max_length=24)
    title = models.CharField("名称", max_length=200)
    docx_file_id = models.BigIntegerField("Word 文件")
    pdf_file_id = models.BigIntegerField("PDF 文件", null=True, blank=True)
    digest = models.CharField("内容摘要", max_length=64, blank=True)
    made_at = models.DateTimeField("生成时间")
    made_by_name = models.CharField("生成人", max_length=64)

    class Meta:
        verbose_name = "会议材料"
        ordering = ["id"]
