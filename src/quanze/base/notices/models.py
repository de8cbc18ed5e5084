"""站内消息的表。There is no outbox yet: nothing leaves the process, and a table without a user would only mislead."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    """站内消息：发给一人的一条提示，可带站内链接。"""

    to_user_id = models.BigIntegerField("收信人编号")
    kind = models.CharField("种类", max_length=60)
    text = models.CharField("内容", max_length=500)
    link = models.CharField("链接", max_length=500, blank=True)
    at = models.DateTimeField("发送时间")
    read_at = models.DateTimeField("阅读时间", null=True)

    class Meta:
        verbose_name = "站内消息"
        verbose_name_plural = "站内消息"
        indexes = [
            models.Index(fields=["to_user_id", "-id"], name="notices_inbox"),
            models.Index(fields=["to_user_id"], name="notices_unread", condition=models.Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.text
