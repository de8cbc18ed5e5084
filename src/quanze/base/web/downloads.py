"""下载：附件形式、原样类型、沙箱策略、中文文件名。

Whatever people uploaded is handed out as an attachment that the browser neither guesses about nor runs.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO
from urllib.parse import quote

from django.http import FileResponse, HttpResponseBase

from quanze.base.files.public import OpenedFile


def download_response(opened: OpenedFile) -> HttpResponseBase:
    """收存的文件作为附件送出；读完由响应关闭文件。"""
    return attachment(opened.stream, name=opened.view.name, media_type=opened.view.media_type, size=opened.view.size)


def attachment(content: bytes | BinaryIO, *, name: str, media_type: str, size: int | None = None) -> HttpResponseBase:
    """字节或流作为附件送出。``name`` may be Chinese (RFC 5987)."""
    stream = BytesIO(content) if isinstance(content, bytes) else content
    response = FileResponse(stream, content_type=media_type)
    if isinstance(content, bytes):
        size = len(content)
    if size is not None:
        response["Content-Length"] = str(size)
    response["Content-Disposition"] = (
        f"attachment; filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def _ascii(name: str) -> str:
    """给不懂 RFC 5987 的程序的名字：只留下安全的字符与扩展名。"""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._- ") else "_" for char in name)
    return kept or "download"
