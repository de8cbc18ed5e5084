"""数据库之外的文件夹：由各自的主人登记，说明其中哪些文件算数。

``paths`` is asked inside the snapshot and names the files that the rows of that moment point at. Such files never
change once they are written. ``is_before`` marks what must be read before the snapshot: the anchors, which speak of
seals and may not speak of one that the copy does not have; they are small and read whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileStore:
    """一处文件夹：代码、中文名、位置、算数的文件（相对路径）。"""

    name: str
    label: str
    root: Callable[[], Path]
    paths: Callable[[], Iterable[str]]
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class StoreDigest:
    """一处文件夹的文件数、字节数与摘要。"""

    files: int
    size: int
    digest: str


_stores: dict[str, FileStore] = {}


def register_store(store: FileStore) -> None:
    """登记一处文件夹。"""
    if store.name in _stores:
        raise ValueError(f"备份的文件夹 {store.name} 已登记")
    _stores[store.name] = store


def stores() -> tuple[FileStore, ...]:
    """全部登记的文件夹，按代码排列。"""
    return tuple(_stores[name] for name in sorted(_stores))


def files_below(root: Path, pattern: str) -> Iterator[str]:
    """某文件夹下合乎式样的文件的相对路径。"""
    if root.is_dir():
        yield from (path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file())


class StoreSum:
    """边读边累计一处文件夹的摘要。"""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0

    def add(self, path: str, size: int, sha256: str) -> None:
        self._lines.append(f"{path}\0{size}\0{sha256}\n")
        self._size += size

    @property
    def value(self) -> StoreDigest:
        body = "".join(sorted(self._lines)).encode("utf-8", "surrogatepass")
        return StoreDigest(len(self._lines), self._size, hashlib.sha256(body).hexdigest())


def store_digest(store: FileStore) -> StoreDigest:
    """重读全部算数的文件；缺的以“缺失”计入摘要，因此与完好的不同。"""
    total, root = StoreSum(), store.root()
    for path in sorted(set(store.paths())):
        try:
            with (root / path).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
                total.add(path, stream.tell(), found)
        except FileNotFoundError:
            total.add(path, 0, "missing")
    return total.value
