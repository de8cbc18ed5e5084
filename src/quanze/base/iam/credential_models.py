"""口令历史与开通链接的表。Loaded by ``models``."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PasswordHistory(models.Model):
    """用过的口令：只存散列，用来拒绝重复使用。"""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="past_passwords", verbose_name="账号"
    )
    password = models.CharField("散列", max_length=200)
    at = models.DateTimeField("启用时间")

    class Meta:
        verbose_name = "用过的口令"
        verbose_name_plural = "用过的口令"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d}"


class AccountToken(models.Model):
    """开通链接：本人凭它设置口令；只存摘要，只能用一次，到期作废。"""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="account_tokens", verbose_name="账号"
    )
    digest = models.CharField("摘要", max_length=64, unique=True)
    issued_at = models.DateTimeField("发放时间")
    issued_by_name = models.CharField("发放人", max_length=100)
    expires_at = models.DateTimeField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True)
    void_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        verbose_name = "开通链接"
        verbose_name_plural = "开通链接"
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="iam_token_period_forward"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(void_at__isnull=True), name="iam_token_used_or_void"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.issued_at:%Y-%m-%d %H:%M}"
