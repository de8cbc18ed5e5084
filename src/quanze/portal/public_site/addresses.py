"""公开站点的完整网址：印在纸上、写进数据、嵌在别处的，都要是公众打得开的那一个。"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def public_address(request: HttpRequest, path: str) -> str:
    """设置里写明的公开站点（两网分设时外网的地址）上的网址；没有写明则是现在的站点。"""
    return f"{settings.QUANZE_PUBLIC_URL}{path}" if settings.QUANZE_PUBLIC_URL else request.build_absolute_uri(path)
