"""机构、内设机构、岗位与任职。Parents are dated edges: a reorganisation never rewrites the past."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from quanze.apps.org.domain import (
    BODY_KIND_LABELS,
    REGION_LEVEL_LABELS,
    ROLE_LABELS,
    SCOPE_LABELS,
)


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
    role = models.CharField("角色", max_length=32, choices=_choices(ROLE_LABELS))
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

    class Meta:
        verbose_name = "任职"
        ordering = ["user", "valid_from", "id"]


class AppointmentRole(models.Model):
    """任职角色。"""

    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="roles", verbose_name="任职")
    role = models.CharField("角色", max_length=32, choices=_choices(ROLE_LABELS))

    class Meta:
        verbose_name = "任职角色"
        constraints = [models.UniqueConstraint(fields=["appointment", "role"], name="role_once_per_appointment")]
        indexes = [models.Index(fields=["role"])]
