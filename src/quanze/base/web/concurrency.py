"""看过的版本：更新须带上所见版本，页面用隐藏字段，接口用 If-Match。"""

from __future__ import annotations

from django.http import HttpRequest

from quanze.core.errors import DomainError, InvalidInput

FIELD = "seen_version"


class VersionRequired(DomainError):
    """缺少版本：更新请求没有说明看过哪个版本。"""

    code = "version_required"


def seen_version(request: HttpRequest) -> int:
    """请求所见的版本号。Raises ``VersionRequired`` (428) when it is absent, ``InvalidInput`` when it is no number."""
    text = request.headers.get("If-Match") or request.POST.get(FIELD, "")
    text = text.strip().removeprefix("W/").strip('"')
    if not text:
        raise VersionRequired("请求没有说明看过的版本", hint="请重新打开页面再办理；接口请带上 If-Match。")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidInput("看过的版本应是数字", hint="请重新打开页面再办理。", code="bad_version")
    return int(text)


def etag(version: int) -> str:
    """版本号 → ETag。"""
    return f'"{version}"'
