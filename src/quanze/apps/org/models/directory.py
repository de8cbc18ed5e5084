"""机构、内设机构、岗位与任职。Parents are dated edges: a reorganisation never rewrites the past."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from quanze.apps.org.domain import (
    ADMINISTRATORS,
    BODY_KIND_LABELS,
    REGION_LEVEL_LABELS,
    SCOPE_LABELS,
)
from quanze.apps.org.domain.changes import DELEGATION_FLOW, ROLE_CHANGE_FLOW
from quanze.apps.org.domain.roster import PART_LABELS, SHIFTS, TURN_FLOW


def _choices(labels):
    return [(str(code), label) for code, label in labels.items()]


class Region(models.Model):
    """行政区划：代码、名称、层级、上级。"""

    code = models.CharField("区划代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=64)
    level = models.CharField("层级", max_length=8, choices=_choices(REGION_LEVEL_LABELS))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )

    class Meta:
        verbose_name = "行政区划"
        ordering = ["code"]

    def __str__(self):
        return self.name


class Body(models.Model):
    """机构（部门、镇、街道）：名称、简称、种类、区划、机关代字。"""

    code = models.CharField("机构编码", max_length=32, unique=True)
    name = models.CharField("机构名称", max_length=128)
    short_name = models.CharField("简称", max_length=32, blank=True)
    kind = models.CharField("种类", max_length=16, choices=_choices(BODY_KIND_LABELS))
    region = models.ForeignKey(Region, models.PROTECT, related_name="bodies", verbose_name="区划")
    document_mark = models.CharField("机关代字", max_length=16, blank=True)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    ordinal = models.PositiveIntegerField("排序", default=0)
    valid_from = models.DateField("设立日期")
    valid_to = models.DateField("撤销日期", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "机构"
        ordering = ["region__code", "ordinal", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="body_period_forward"
            )
        ]

    def __str__(self):
        return self.name


class BodyParent(models.Model):
    """机构隶属：下级、上级、起止日期。"""

    body = models.ForeignKey(Body, models.CASCADE, related_name="parent_edges", verbose_name="机构")
    parent = models.ForeignKey(Body, models.PROTECT, related_name="child_edges", verbose_name="上级机构")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "机构隶属"
        constraints = [
            models.UniqueConstraint(fields=["body"], condition=Q(valid_to__isnull=True), name="one_current_parent")
        ]


class BodyFunction(models.Model):
    """职能承担：某区划内由哪个机构承担某一审查角色（如司法局承担合法性复审）。"""

    region = models.ForeignKey(Region, models.PROTECT, related_name="functions", verbose_name="区划")
    role = models.CharField("角色", max_length=32)
    body = models.ForeignKey(Body, models.PROTECT, related_name="functions", verbose_name="承担机构")

    class Meta:
        verbose_name = "职能承担"
        constraints = [models.UniqueConstraint(fields=["region", "role"], name="one_body_per_function")]


class Division(models.Model):
    """内设机构（科室）。"""

    body = models.ForeignKey(Body, models.CASCADE, related_name="divisions", verbose_name="机构")
    code = models.CharField("编码", max_length=32)
    name = models.CharField("名称", max_length=64)
    ordinal = models.PositiveIntegerField("排序", default=0)
    valid_from = models.DateField("设立日期")
    valid_to = models.DateField("撤销日期", null=True, blank=True)

    class Meta:
        verbose_name = "内设机构"
        ordering = ["body", "ordinal", "code"]
        constraints = [models.UniqueConstraint(fields=["body", "code"], name="division_code_in_body")]

    def __str__(self):
        return self.name


class Post(models.Model):
    """岗位。"""

    body = models.ForeignKey(Body, models.CASCADE, related_name="posts", verbose_name="机构")
    division = models.ForeignKey(
        Division, models.SET_NULL, null=True, blank=True, related_name="posts", verbose_name="内设机构"
    )
    name = models.CharField("岗位名称", max_length=64)

    class Meta:
        verbose_name = "岗位"
        ordering = ["body", "name"]
        constraints = [models.UniqueConstraint(fields=["body", "division", "name"], name="post_name_in_division")]

    def __str__(self):
        return self.name


class Appointment(models.Model):
    """任职：账号 × 机构 × 岗位 × 起止日期，一人可有多个。"""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="appointments", verbose_name="账号")
    body = models.ForeignKey(Body, models.PROTECT, related_name="appointments", verbose_name="机构")
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name="岗位"
    )
    scope_kind = models.CharField("数据范围", max_length=8, choices=_choices(SCOPE_LABELS), default="own")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    note = models.CharField("事由", max_length=200, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "任职"
        ordering = ["user", "valid_from", "id"]


class AppointmentRole(models.Model):
    """任职角色。"""

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="roles", verbose_name="任职")
    role = models.CharField("角色", max_length=32)

    class Meta:
        verbose_name = "任职角色"
        constraints = [models.UniqueConstraint(fields=["appointment", "role"], name="role_once_per_appointment")]
        indexes = [models.Index(fields=["role"])]


class AppointmentBody(models.Model):
    """指定机构：数据范围为“指定机构”的任职能看到的机构。"""

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="named_bodies", verbose_name="任职")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="机构")

    class Meta:
        verbose_name = "指定机构"
        constraints = [models.UniqueConstraint(fields=["appointment", "body"], name="body_once_per_appointment")]


class AdministratorSeat(models.Model):
    """三员席位：谁担任哪一员。One row per person: nobody can hold two of the three.

    Triggers (migration 0004) keep the seats and the roles in step: a business role and a seat never meet in one person,
    and an administrator's role cannot be written without the seat.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="administrator_seat", verbose_name="账号"
    )
    kind = models.CharField("席位", max_length=32)
    since = models.DateField("自")

    class Meta:
        verbose_name = "三员席位"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=sorted(ADMINISTRATORS)), name="seat_is_one_of_the_three")
        ]
        indexes = [models.Index(fields=["kind"])]


class RoleChange(models.Model):
    """角色变更：申请与确认各由一人，前后角色、理由、结果。"""

    kind = models.CharField("种类", max_length=8, choices=[("roles", "角色与范围"), ("seat", "三员任免")])
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="变更谁")
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, related_name="+", verbose_name="任职")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="机构")
    before = models.JSONField("变更前")
    after = models.JSONField("变更后")
    leaving_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="接替谁"
    )
    state = models.CharField("状态", max_length=12, choices=list(ROLE_CHANGE_FLOW.states.items()), default="requested")
    reason = models.CharField("申请理由", max_length=500)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_as = models.CharField("申请人身份", max_length=32)
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    decided_at = models.DateTimeField("确认时间", null=True)
    decision_note = models.CharField("确认意见", max_length=500, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "角色变更"
        indexes = [models.Index(fields=["state", "requested_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(state="requested", appointment__isnull=False),
                name="one_open_change_per_appointment",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="requested", kind="seat"), name="one_open_seat_change_per_person"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")) | Q(state="withdrawn"),
                name="change_decided_by_another",
            ),
        ]


class Delegation(models.Model):
    """代理：某任职的若干角色，由某人在一段时间内代为办理；到期自行终止。"""

    appointment = models.ForeignKey(
        Appointment, models.PROTECT, related_name="delegations", verbose_name="被代理的任职"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations", verbose_name="代理人"
    )
    roles = models.JSONField("代理的角色")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止")
    reason = models.CharField("事由", max_length=500)
    state = models.CharField("状态", max_length=12, choices=list(DELEGATION_FLOW.states.items()), default="granted")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="设定人")
    granted_at = models.DateTimeField("设定时间")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="终止人"
    )
    ended_at = models.DateTimeField("终止时间", null=True)
    end_reason = models.CharField("终止理由", max_length=500, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "代理"
        indexes = [models.Index(fields=["deputy", "state", "valid_to"])]
        constraints = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="delegation_period_forward")
        ]


class HandOver(models.Model):
    """交接：某人未办结的工作整体交给另一人，留下清单。"""

    from_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="移交人")
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="接手人")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+", verbose_name="机构")
    reason = models.CharField("事由", max_length=500)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    made_at = models.DateTimeField("交接时间", db_index=True)

    class Meta:
        verbose_name = "交接"


class HandOverItem(models.Model):
    """交接事项：交接清单的一行，哪一类、哪一件。The name is copied, so that the list outlives the work."""

    hand_over = models.ForeignKey(HandOver, models.CASCADE, related_name="items", verbose_name="交接")
    source = models.CharField("类别", max_length=48)
    subject_kind = models.CharField("对象种类", max_length=48)
    subject_id = models.BigIntegerField("对象编号")
    label = models.CharField("名称", max_length=300)
    due_on = models.DateField("期限", null=True)

    class Meta:
        verbose_name = "交接事项"
        ordering = ["id"]


class RosterTurn(models.Model):
    """值班：某机构（或其内设机构）某一段时间由谁带班、谁值班。

    The moments are stored, not computed from the shift: when a place changes its hours, what was planned stays.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="roster_turns", verbose_name="机构")
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="内设机构"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="值班人")
    part = models.CharField("带班或值班", max_length=8, choices=_choices(PART_LABELS))
    on_date = models.DateField("日期")
    shift = models.CharField("班次", max_length=16, choices=[(code, shift.label) for code, shift in SHIFTS.items()])
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止")
    note = models.CharField("备注", max_length=200, blank=True)
    state = models.CharField("状态", max_length=12, choices=list(TURN_FLOW.states.items()), default="planned")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "值班"
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["body", "starts_at"]), models.Index(fields=["state", "ends_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="turn_period_forward"),
            models.UniqueConstraint(
                fields=["body", "user", "on_date", "shift"], condition=Q(state="planned"), name="person_once_per_shift"
            ),
        ]


class FirstStart(models.Model):
    """首次设置：一次性令牌的摘要与办结时间。At most one row; once finished it stays finished."""

    token_digest = models.CharField("令牌摘要", max_length=64, blank=True)
    token_expires_at = models.DateTimeField("令牌失效时间", null=True)
    finished_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = "首次设置"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="first_start_happens_once")]


class DirectoryLoad(models.Model):
    """名录载入：上传的名录工作簿，读得的各行、是否已载入、载入了多少。

    The rows are kept only until they are written: afterwards the counts remain, and the record says the rest.
    """

    file_name = models.CharField("文件名", max_length=200)
    digest = models.CharField("文件摘要", max_length=64)
    rows = models.JSONField("各行")
    notes = models.JSONField("说明", default=list)
    state = models.CharField(
        "状态", max_length=12, choices=[("checked", "待载入"), ("applied", "已载入"), ("discarded", "已放弃")]
    )
    counts = models.JSONField("数量", default=dict)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    finished_at = models.DateTimeField("办结时间", null=True)
    batch = models.ForeignKey(
        "RoleChangeBatch", models.PROTECT, null=True, related_name="+", verbose_name="成批角色变更"
    )
    new_users = models.JSONField("新账号", default=list)
    links_taken_at = models.DateTimeField("开通链接发放时间", null=True)

    class Meta:
        verbose_name = "名录载入"
        ordering = ["-id"]


class RoleChangeBatch(models.Model):
    """成批角色变更：一次载入里申请的全部角色，由另一位管理员一次确认。"""

    label = models.CharField("名称", max_length=200)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "成批角色变更"
        ordering = ["-id"]


class RoleChangeBatchItem(models.Model):
    """成批变更之一：哪一批、哪一项申请。"""

    batch = models.ForeignKey(RoleChangeBatch, models.PROTECT, related_name="items", verbose_name="批次")
    change = models.OneToOneField(RoleChange, models.PROTECT, related_name="batch_item", verbose_name="角色变更")

    class Meta:
        verbose_name = "成批变更之一"
