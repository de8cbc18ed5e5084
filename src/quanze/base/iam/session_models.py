"""会话的表。Loaded by ``models``; the session engine of Django stores into it, one row per login."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

# Why a session is over → what the person is told at the login page. The codes are stored; add, never reuse.
ENDED_WORDS = {
    "idle": "一段时间没有操作，登录已自动退出。",
    "absolute": "这次登录已到最长时限，请重新登录。",
    "replaced": "这个账号在别处登录，超出了允许的登录数，最早的一处（这里）已退出。",
    "revoked": "这里的登录已在“账号安全”页被退出。",
    "password": "口令已修改，这里的登录随之退出。",
    "roles": "您的任职或角色有变动，请重新登录后继续。",
    "disabled": "账号已停用，请联系本单位系统管理员。",
    "factor": "第二重验证方式有变动，请重新登录。",
}


def new_handle() -> str:
    """会话的代号，用于页面；会话密钥从不出现在页面上。"""
    return secrets.token_hex(8)


class LoginSession(AbstractBaseSession):
    """登录会话：谁、何时起、从哪个地址、什么设备、最近操作、到期与结束的原因。

    A row without a user is the session of a visitor (the login form). An ended row stays for a while without its data,
    so that the page can say why; its key opens nothing.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="login_sessions", verbose_name="账号"
    )
    handle = models.CharField("代号", max_length=16, unique=True, default=new_handle)
    started_at = models.DateTimeField("登录时间")
    last_seen_at = models.DateTimeField("最近操作")
    idle_seconds = models.PositiveIntegerField("无操作时限（秒）")
    address = models.CharField("地址", max_length=64, blank=True)
    agent = models.CharField("设备自报", max_length=300, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    ended_reason = models.CharField("结束原因", max_length=20, blank=True)

    class Meta:
        verbose_name = "登录会话"
        verbose_name_plural = "登录会话"
        indexes = [models.Index(fields=["user", "ended_reason"], name="iam_session_user")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from quanze.base.iam.session_store import SessionStore

        return SessionStore

    def why_over(self, now: datetime) -> str:
        """已结束的原因；仍有效为空串。"""
        if self.ended_reason:
            return self.ended_reason
        if self.expire_date <= now:
            return "absolute"
        if self.user_id is not None and self.last_seen_at + timedelta(seconds=self.idle_seconds) <= now:
            return "idle"
        return ""
