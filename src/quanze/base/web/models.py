"""幂等键的表：同一请求重送得到首次的答复。"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class IdempotencyKey(models.Model):
    """幂等键：谁、哪个操作、哪个键、内容摘要、首次的答复。Written in the transaction of the change itself; pruned after a week."""

    user_id = models.BigIntegerField("账号")
    operation = models.CharField("操作", max_length=120)
    key = models.CharField("幂等键", max_length=200)
    digest = models.CharField("内容摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码")
    answer = models.TextField("答复")
    etag = models.CharField("版本", max_length=60, blank=True)
    created_at = models.DateTimeField("首次时间")
    expires_at = models.DateTimeField("保留至")

    class Meta:
        verbose_name = "幂等键"
        verbose_name_plural = "幂等键"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "operation", "key"], name="idempotency_key_once"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="idempotency_period_forward"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="idempotency_expiry")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"


class RequestBucket(models.Model):
    """访客限频：某用途、某来处的令牌桶；来处只存带密钥的摘要，用满即清。Shared by all processes; a lost row lets a visitor in, never out."""

    key = models.CharField("用途与来处摘要", max_length=80, primary_key=True)
    tokens = models.FloatField("余下次数")
    filled_at = models.DateTimeField("计到何时")

    class Meta:
        verbose_name = "访客限频"
        verbose_name_plural = "访客限频"
        indexes = [models.Index(fields=["filled_at"], name="web_bucket_age")]

    def __str__(self) -> str:
        return self.key
