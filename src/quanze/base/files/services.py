"""收存文件。"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from quanze.base.audit import public as audit
from quanze.base.files import storage
from quanze.base.files.images import redrawn
from quanze.base.files.models import StoredFile
from quanze.base.files.purposes import FilePurpose, purpose_of
from quanze.base.files.selectors import StoredFileView, view
from quanze.base.files.sniffing import as_stream, sniff
from quanze.base.parameters.public import value_int
from quanze.base.sheets.guard import inspect
from quanze.base.sheets.limits import DEFAULT_LIMITS
from quanze.base.sheets.refusals import refuse
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, NotPermitted

_LARGEST_MADE = 64 * 1024**3

TEXT_TABLE_NAMES = (".csv", ".tsv")
TABLE_KINDS = frozenset({"xlsx", "xls", "csv"})
# Redrawing may make a picture larger than it came; the number of its dots is bounded already.
_REDRAWN_LIMIT = 256 * 1024 * 1024


def store(
    *, data: bytes | BinaryIO, name: str, body_id: int | None, actor: Actor, purpose: str, now: datetime
) -> StoredFileView:
    """收存一个文件。Bytes reach the disk before the row; a row that rolls back leaves bytes that nobody points at."""
    wanted = purpose_of(purpose)
    if not actor.scope.covers(body_id):
        raise NotPermitted("不能为其他机构上传文件", hint="请切换到该机构的岗位后再试。")
    clean = clean_name(name)
    limit_mib = value_int(wanted.limit_parameter, on=timezone.localdate(now))
    try:
        temporary, sha256, size = storage.receive(as_stream(data), limit=limit_mib * 1024 * 1024)
    except storage.TooLarge:
        raise InvalidInput(
            f"{wanted.label}不能超过 {limit_mib} MiB",
            hint="请压缩、拆分后再上传，或请系统管理员调整上限。",
            code="FILE_TOO_LARGE",
            place=ErrorPlace(file=clean),
        ) from None
    try:
        with temporary.open("rb") as received:
            kind = sniff(received)
        if kind not in wanted.kinds and wanted.kinds <= TABLE_KINDS:
            _say_what_table_it_is(temporary, size, clean)
        _require_allowed(kind, size, wanted, clean)
        if kind in ("png", "jpg"):
            with temporary.open("rb") as received:
                picture = redrawn(received, kind=kind, name=clean)
            temporary.unlink()
            temporary, sha256, size = storage.receive(as_stream(picture), limit=_REDRAWN_LIMIT)
        storage.publish(temporary, sha256)
    finally:
        temporary.unlink(missing_ok=True)
    assert kind is not None
    return _row(sha256, size, kind, clean, body_id, actor, purpose, now)


def store_made(
    *, path: Path, kind: str, name: str, body_id: int | None, actor: Actor, purpose: str, now: datetime
) -> StoredFileView:
    """收存系统自己做成的文件（归档包、记录摘录）：种类由制作者说明，不作判定，不设上限。"""
    if kind not in purpose_of(purpose).kinds:
        raise ValueError(f"文件用途 {purpose} 不收 {kind}")
    with path.open("rb") as stream:
        temporary, sha256, size = storage.receive(stream, limit=_LARGEST_MADE)
    try:
        storage.publish(temporary, sha256)
    finally:
        temporary.unlink(missing_ok=True)
    return _row(sha256, size, kind, clean_name(name), body_id, actor, purpose, now)


def clean_name(name: str) -> str:
    """可以安全显示与下载的文件名：去掉路径、控制字符与会颠倒显示的字符，至多 120 字。"""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    kept = kept.strip(" .")
    if len(kept) > 120:
        stem, dot, extension = kept.rpartition(".")
        kept = (stem[: 119 - len(extension)] + dot + extension) if dot and len(extension) <= 8 else kept[:120]
    return kept or "未命名"


@transaction.atomic
def _row(
    sha256: str, size: int, kind: str, name: str, body_id: int | None, actor: Actor, purpose: str, now: datetime
) -> StoredFileView:
    row = StoredFile.objects.create(
        sha256=sha256,
        size=size,
        kind=kind,
        original_name=name,
        purpose=purpose,
        body_id=body_id,
        uploaded_by=actor.user_id,
        uploaded_by_name=actor.name,
        at=now,
    )
    audit.record(
        actor=actor,
        action="files.file.stored",
        subject=audit.SubjectRef("file", row.pk, name, body_id),
        after={"sha256": sha256, "size": size, "kind": kind, "purpose": purpose},
        now=now,
    )
    return view(row)


def _say_what_table_it_is(path: Path, size: int, name: str) -> None:
    """收表格的门：损坏、加密、带宏、编码不明的，照读表格时的代码说清楚。"""
    if not 0 < size <= DEFAULT_LIMITS.file_bytes:
        return
    if inspect(path.read_bytes(), name=name) == "csv" and name.lower().endswith(TEXT_TABLE_NAMES):
        raise refuse("ENCODING_UNSUPPORTED", file=name)


def _require_allowed(kind: str | None, size: int, purpose: FilePurpose, name: str) -> None:
    place = ErrorPlace(file=name)
    if size == 0:
        raise InvalidInput("文件是空的", hint="请重新选择文件。", code="FILE_EMPTY", place=place)
    # Any text looks like a table of one column; only its name says that it is meant as one.
    if kind not in purpose.kinds or (kind == "csv" and not name.lower().endswith(TEXT_TABLE_NAMES)):
        allowed = "、".join(sorted(purpose.kinds))
        raise InvalidInput(
            f"文件格式不支持：{purpose.label}不接受这种文件",
            hint=f"可以上传：{allowed}（按内容判断；文本表格的扩展名须为 .csv；带宏的文件不接受）。",
            code="FILE_TYPE_MISMATCH",
            place=place,
        )
