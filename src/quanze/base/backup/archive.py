"""备份文件：普通的 tar，末行是此前每一个字节的摘要。

``tar`` opens it, because whatever follows the end mark of an archive is not read. No byte is outside the digest: not a
header, not the padding, not the line itself.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from quanze.core.errors import ErrorPlace, InvalidInput, WrongState

_MARK = b"quanze-backup 1 sha256 "
_TRAILER = len(_MARK) + 64 + 1
_CHUNK = 1024 * 1024


class ArchiveWriter:
    """向备份文件里添东西。"""

    def __init__(self, tar: tarfile.TarFile, moment: float) -> None:
        self._tar = tar
        self._moment = int(moment)

    def add_bytes(self, name: str, content: bytes) -> None:
        self._tar.addfile(self._info(name, len(content)), io.BytesIO(content))

    def add_stream(self, name: str, stream: IO[bytes], size: int) -> str:
        """添入一个流，返回其摘要；流比说好的短即报错。"""
        counted = _Digesting(stream)
        self._tar.addfile(self._info(name, size), counted)
        return counted.sha256.hexdigest()

    def _info(self, name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, self._moment, 0o600
        return info


class _Digesting:
    """读过的字节都计入摘要。"""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self.sha256.update(content)
        return content


class _DigestingWriter(io.RawIOBase):
    """写出的字节都计入摘要。"""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.sha256 = hashlib.sha256()
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._target.write(content)
        self.sha256.update(content)
        self._position += len(content)
        return len(content)


@contextmanager
def new_archive(path: Path, moment: float) -> Iterator[ArchiveWriter]:
    """写一个备份文件：先写旁边的临时文件，落盘之后才改名；不覆盖已有的。"""
    if path.exists():
        raise WrongState(f"文件已经在了：{path}", hint="请换一个文件名；备份从不覆盖已有文件。", code="backup_exists")
    partial = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            counted = _DigestingWriter(target)
            with tarfile.open(fileobj=counted, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                yield ArchiveWriter(tar, moment)
            target.write(_MARK + counted.sha256.hexdigest().encode("ascii") + b"\n")
            target.flush()
            os.fsync(target.fileno())
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def require_intact(path: Path) -> int:
    """逐字节核对备份文件；不符即拒绝。返回字节数。"""
    place = ErrorPlace(file=path.name)
    try:
        size = path.stat().st_size
        source = path.open("rb")
    except OSError:
        raise InvalidInput(
            "读不到备份文件", hint="请检查路径和读取权限。", code="backup_unreadable", place=place
        ) from None
    with source:
        sha256, left = hashlib.sha256(), size - _TRAILER
        while left > 0 and (chunk := source.read(min(_CHUNK, left))):
            sha256.update(chunk)
            left -= len(chunk)
        trailer = source.read(_TRAILER + 1)
    if left != 0 or not trailer.startswith(_MARK):
        raise InvalidInput(
            "这不是完整的备份文件：没有结尾的摘要，可能只传了一部分",
            hint="请用完整的备份文件。没有改动任何东西。",
            code="backup_incomplete",
            place=place,
        )
    if trailer != _MARK + sha256.hexdigest().encode("ascii") + b"\n":
        raise InvalidInput(
            "备份文件已被改动或损坏：内容与结尾的摘要不符",
            hint="请换用另一份备份。没有改动任何东西。",
            code="backup_damaged",
            place=place,
        )
    return size


@contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    """打开已核对的备份文件。"""
    with tarfile.open(path, "r:") as tar:
        yield tar
