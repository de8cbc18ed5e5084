"""落盘：先写临时文件、落盘、改名、目录落盘；路径即内容摘要。"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_CHUNK = 1024 * 1024


class TooLarge(Exception):
    """超过上限；不再读下去。"""


def root() -> Path:
    """文件的根目录。"""
    return Path(settings.QUANZE_FILES_DIR)


def path_of(sha256: str) -> Path:
    """某摘要的文件位置。"""
    return root() / sha256[:2] / sha256[2:4] / sha256


def paths_in_use() -> Iterator[str]:
    """有文件行指着的文件，相对根目录；供备份。"""
    from quanze.base.files.models import StoredFile

    for sha256 in StoredFile.objects.values_list("sha256", flat=True).distinct():
        yield path_of(sha256).relative_to(root()).as_posix()


def receive(stream: BinaryIO, *, limit: int) -> tuple[Path, str, int]:
    """把流收进临时文件，返回（临时文件、摘要、字节数）；超限即删除并报 TooLarge。"""
    incoming = Path(settings.QUANZE_FILES_DIR) / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=incoming)
    path, digest, size = Path(name), hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as target:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, digest.hexdigest(), size


def publish(temporary: Path, sha256: str) -> Path:
    """把临时文件改名到位；同内容已在则只丢弃临时文件。"""
    target = path_of(sha256)
    if target.exists():
        temporary.unlink()
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.chmod(0o440)
    temporary.replace(target)
    for folder in (target.parent, target.parent.parent, target.parent.parent.parent):
        _sync_folder(folder)
    return target


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
