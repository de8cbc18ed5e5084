"""旧式 .xls（OLE 复合文档）的预检：扇区链不成环、目录可读、有工作簿流、未加密、无宏。

A looping sector chain makes a parser allocate until the process dies; each chain is therefore walked with a set of
visited sectors before a parser sees the file. Layout per [MS-CFB].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from quanze.base.sheets.refusals import refuse

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_REGULAR_SECTOR = 0xFFFFFFFA
END_OF_CHAIN = 0xFFFFFFFE
MAX_DIRECTORY_ENTRIES = 4096
WORKBOOK_STREAMS = {"workbook", "book"}
FILEPASS = 0x002F


class _BrokenError(ValueError):
    """结构不合 [MS-CFB]。"""


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    start: int
    size: int


def check_ole(data: bytes, *, name: str) -> None:
    """检查复合文档；不是可读的工作簿则抛 InvalidInput。"""
    try:
        compound = _Compound(data)
        entries = compound.entries()
        names = {entry.name.lower() for entry in entries}
        if "encryptedpackage" in names:
            raise refuse("FILE_ENCRYPTED", file=name)
        if any(n.startswith("_vba_project") for n in names):
            raise refuse("ACTIVE_CONTENT", file=name)
        stream = next((e for e in entries if e.name.lower() in WORKBOOK_STREAMS and e.kind == 2), None)
        if stream is None:
            what = "这是 Word 文档" if "worddocument" in names else "不含工作簿"
            raise refuse("FILE_TYPE_MISMATCH", file=name, detail=what)
        body = compound.read(stream)
    except (_BrokenError, struct.error, IndexError):
        raise refuse("FILE_CORRUPT", file=name) from None
    if not body:
        raise refuse("FILE_CORRUPT", file=name)
    if _has_filepass(body):
        raise refuse("FILE_ENCRYPTED", file=name)


def workbook_stream(data: bytes) -> bytes:
    """工作簿流的内容；``check_ole`` 通过之后用。Raises ValueError, IndexError or struct.error on a broken file."""
    compound = _Compound(data)
    return compound.read(next(e for e in compound.entries() if e.name.lower() in WORKBOOK_STREAMS and e.kind == 2))


def _has_filepass(body: bytes) -> bool:
    """加密记录出现在文件头部的全局段里；读到该段结束为止。"""
    position = 0
    while position + 4 <= len(body):
        kind, length = struct.unpack_from("<HH", body, position)
        if kind == FILEPASS:
            return True
        if kind == 0x000A:  # EOF of the globals substream
            return False
        position += 4 + length
    return False


class _Compound:
    """复合文档的扇区与目录，只读、有界。"""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512:
            raise _BrokenError
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise _BrokenError
        self.sector: int = 1 << shift
        self.sectors = (len(data) - 512 + self.sector - 1) // self.sector if shift == 9 else len(data) // self.sector
        self.directory_start, self.cutoff = struct.unpack_from("<L", data, 48)[0], struct.unpack_from("<L", data, 56)[0]
        self.minifat_start = struct.unpack_from("<L", data, 60)[0]
        self.fat = self._load_fat()

    def _offset(self, sector: int) -> int:
        return (sector + 1) * self.sector

    def _longs(self, sector: int) -> tuple[int, ...]:
        if sector >= self.sectors:
            raise _BrokenError
        raw = self.data[self._offset(sector) : self._offset(sector) + self.sector]
        raw = raw.ljust(self.sector, b"\xff")
        return struct.unpack(f"<{self.sector // 4}L", raw)

    def _load_fat(self) -> list[int]:
        count, difat, difat_count = (
            struct.unpack_from("<L", self.data, 44)[0],
            struct.unpack_from("<L", self.data, 68)[0],
            struct.unpack_from("<L", self.data, 72)[0],
        )
        if count > self.sectors or difat_count > self.sectors:
            raise _BrokenError
        places = list(struct.unpack_from("<109L", self.data, 76))
        seen: set[int] = set()
        while difat < MAX_REGULAR_SECTOR and len(places) < count:
            if difat in seen:
                raise _BrokenError
            seen.add(difat)
            *more, difat = self._longs(difat)
            places.extend(more)
        fat: list[int] = []
        for place in places[:count]:
            if place < MAX_REGULAR_SECTOR:
                fat.extend(self._longs(place))
        return fat

    def _chain(self, start: int, table: list[int], what: int) -> Iterator[int]:
        """沿链走，遇环或越界即判坏。``what`` is the number of sectors that exist."""
        seen = 0
        while start < MAX_REGULAR_SECTOR:
            seen += 1
            if start >= len(table) or seen > what:
                raise _BrokenError
            yield start
            start = table[start]
        if start != END_OF_CHAIN:
            raise _BrokenError

    def entries(self) -> list[_Entry]:
        """目录项，按存放次序。"""
        found: list[_Entry] = []
        for sector in self._chain(self.directory_start, self.fat, self.sectors):
            base = self._offset(sector)
            for slot in range(self.sector // 128):
                raw = self.data[base + slot * 128 : base + slot * 128 + 128]
                if len(raw) < 128:
                    continue
                length, kind = struct.unpack_from("<HB", raw, 64)
                if kind == 0:
                    continue
                if length > 64 or len(found) >= MAX_DIRECTORY_ENTRIES:
                    raise _BrokenError
                label = raw[: max(0, length - 2)].decode("utf-16-le", "replace")
                start = struct.unpack_from("<L", raw, 116)[0]
                size = struct.unpack_from("<Q" if self.sector == 4096 else "<L", raw, 120)[0]
                found.append(_Entry(label, kind, start, size))
        return found

    def read(self, entry: _Entry) -> bytes:
        """读出一个流；声明的长度不得超过文件。"""
        if entry.size > len(self.data):
            raise _BrokenError
        if entry.size >= self.cutoff:
            parts = [
                self.data[self._offset(s) : self._offset(s) + self.sector]
                for s in self._chain(entry.start, self.fat, self.sectors)
            ]
            return b"".join(parts)[: entry.size]
        root = next((e for e in self.entries() if e.kind == 5), None)
        if root is None or entry.size == 0:
            return b""
        minis = b"".join(
            self.data[self._offset(s) : self._offset(s) + self.sector]
            for s in self._chain(root.start, self.fat, self.sectors)
        )
        minifat = [n for s in self._chain(self.minifat_start, self.fat, self.sectors) for n in self._longs(s)]
        parts = [minis[s * 64 : s * 64 + 64] for s in self._chain(entry.start, minifat, len(minis) // 64 + 1)]
        return b"".join(parts)[: entry.size]
