"""取用文件。"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path

from quanze.base.files.models import StoredFile
from quanze.base.files.sniffing import MADE_MEDIA_TYPES, MEDIA_TYPES
from quanze.base.files.storage import path_of
from quanze.core.actor import Scope
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class StoredFileView:
    """文件的样子，不含内容。"""

    id: int
    name: str
    kind: str
    media_type: str
    size: int
    sha256: str
    purpose: str
    body_id: int | None
    uploaded_by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """打开的文件；用毕由取用者关闭 ``stream``。"""

    view: StoredFileView
    stream: BufferedReader


def file_view(file_id: int, *, scope: Scope) -> StoredFileView:
    """一个文件；他机构的与不存在的回答相同。"""
    row = StoredFile.objects.filter(pk=file_id).first()
    if row is None or not scope.covers(row.body_id):
        raise NotFound("没有这个文件", hint="请从所在页面重新进入。")
    return view(row)


def open_file(file_id: int, *, scope: Scope) -> OpenedFile:
    """打开文件。"""
    found = file_view(file_id, scope=scope)
    return OpenedFile(found, _open(path_of(found.sha256), found))


def file_is_intact(file_id: int, *, scope: Scope) -> bool:
    """重算摘要，核对内容是否与上传时一致。"""
    opened = open_file(file_id, scope=scope)
    with opened.stream as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == opened.view.sha256


def view(row: StoredFile) -> StoredFileView:
    return StoredFileView(
        id=row.pk,
        name=row.original_name,
        kind=row.kind,
        media_type=MEDIA_TYPES.get(row.kind) or MADE_MEDIA_TYPES[row.kind],
        size=row.size,
        sha256=row.sha256,
        purpose=row.purpose,
        body_id=row.body_id,
        uploaded_by_name=row.uploaded_by_name,
        at=row.at,
    )


def _open(path: Path, found: StoredFileView) -> BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise NotFound(
            f"文件“{found.name}”的内容不在存储中", hint="请联系系统管理员从备份恢复。", code="file_content_missing"
        ) from None
