"""接口密钥与系统账号的表。Loaded by ``models``; apart from it so that a file stays one idea."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class SystemAccount(models.Model):
    """系统账号：属于一个业务系统而不属于任何人的账号，没有口令，只凭接口密钥进入。

    A mark beside the account, never a guess from a missing password: somebody who signs in elsewhere has none either,
    and an administrator must not be able to make a key for a person.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="system_account", verbose_name="账号"
    )
    note = models.CharField("用途", max_length=300)
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = "系统账号"
        verbose_name_plural = "系统账号"

    def __str__(self) -> str:
        return str(self.user)


class ApiKey(models.Model):
    """接口密钥：名称、所属账号、权限、有效期；只存摘要。``bucket_*`` is the token bucket of its requests."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys", verbose_name="所属账号")
    appointment_id = models.BigIntegerField("任职", null=True, blank=True)
    name = models.CharField("名称", max_length=100)
    prefix = models.CharField("前缀", max_length=16, unique=True)
    digest = models.CharField("摘要", max_length=64)
    scopes = models.JSONField("权限", default=list)
    per_minute = models.PositiveIntegerField("每分钟请求数", null=True, blank=True)
    burst = models.PositiveIntegerField("连续请求数", null=True, blank=True)
    created_at = models.DateTimeField("建立时间")
    created_by_name = models.CharField("建立人", max_length=100)
    expires_at = models.DateTimeField("有效期至")
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    revoked_by_name = models.CharField("吊销人", max_length=100, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    bucket_tokens = models.FloatField("令牌余量", default=0)
    bucket_at = models.DateTimeField("令牌时刻", null=True, blank=True)

    class Meta:
        verbose_name = "接口密钥"
        verbose_name_plural = "接口密钥"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_key_period_forward")
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"
