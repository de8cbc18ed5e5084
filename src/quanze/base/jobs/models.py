"""后台任务的表：任务行带租约，计划行记下次时间。"""

from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


class Job(models.Model):
    """后台任务：一次可续租、可取消、可接着做的工作。"""

    kind = models.CharField("种类", max_length=100)
    label = models.CharField("名称", max_length=300)
    payload = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=10, choices=JobState, default=JobState.QUEUED)
    available_at = models.DateTimeField("最早开始时间")
    lease_until = models.DateTimeField("租约到期", null=True)
    heartbeat_at = models.DateTimeField("最近心跳", null=True)
    worker = models.CharField("执行者", max_length=100, blank=True)
    attempt = models.IntegerField("第几次尝试", default=0)
    checkpoint = models.JSONField("断点", null=True)
    done = models.BigIntegerField("已完成数", default=0)
    total = models.BigIntegerField("总数", default=0)
    message = models.CharField("进度说明", max_length=500, blank=True)
    skipped = models.BigIntegerField("跳过数", default=0)
    result = models.JSONField("结果", null=True)
    error_code = models.CharField("错误代码", max_length=100, blank=True)
    error_message = models.TextField("错误说明", blank=True)
    is_cancel_requested = models.BooleanField("已请求取消", default=False)
    created_by = models.BigIntegerField("发起人编号", null=True)
    created_by_name = models.CharField("发起人", max_length=100)
    actor = models.JSONField("发起人身份", default=dict)
    body_id = models.BigIntegerField("发起机构编号", null=True)
    back_url = models.CharField("返回页面", max_length=500, blank=True)
    idempotency_key = models.CharField("幂等键", max_length=200, null=True, unique=True)
    created_at = models.DateTimeField("提交时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        indexes = [
            models.Index(
                fields=["available_at", "id"],
                name="jobs_job_queued",
                condition=models.Q(state="queued"),
            ),
            models.Index(fields=["lease_until"], name="jobs_job_leased", condition=models.Q(state="running")),
            models.Index(fields=["created_by", "-id"], name="jobs_job_owner"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.label}"


class Schedule(models.Model):
    """定时计划：名称与下次时间。What it does and how often is registered in code."""

    name = models.CharField("名称", max_length=100, primary_key=True)
    next_due_at = models.DateTimeField("下次时间")
    last_run_at = models.DateTimeField("上次时间", null=True)
    last_error = models.TextField("上次错误", blank=True)

    class Meta:
        verbose_name = "定时计划"
        verbose_name_plural = "定时计划"

    def __str__(self) -> str:
        return self.name
