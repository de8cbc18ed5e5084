"""新式 .xlsx（zip + XML）的预检：不信任任何声明的大小、坐标与结构。

Members are inflated by our own loop in 64 KiB steps and thrown away, so memory stays flat whatever the file claims.
Refused: bombs, forged sizes, overlapping or duplicate members, foreign paths, macros, DTDs and entities, deep
nesting, cells and merges outside the limits (parsers allocate the whole rectangle). Tolerated: links to other
workbooks — nothing follows them.
"""

from __future__ import annotations

import io
import posixpath
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from quanze.base.sheets.limits import SheetLimits
from quanze.base.sheets.refusals import refuse
from quanze.core.errors import InvalidInput

STEP = 64 * 1024
CARRY = 512  # bytes kept from the last step so that no tag is missed at a border
RATIO_FROM = 8 << 20
MAX_DEPTH = 256
MAX_CELL_TAG = 4096

# XML keywords are case-sensitive; plain substrings are ten times faster than a pattern.
FORBIDDEN_XML = (b"<!DOCTYPE", b"<!ENTITY", b"http://www.w3.org/2001/XInclude")
CELL_WITH_CONTENT = re.compile(rb"<(?:\w{1,10}:)?c\b[^<>]{0,400}?\br=\"([A-Za-z]{0,12})(\d{1,12})\"[^<>]{0,400}(?<!/)>")
MERGE = re.compile(
    rb"<(?:\w{1,10}:)?mergeCell\b[^<>]{0,200}?\bref=\"([A-Za-z]{1,12})(\d{1,12}):([A-Za-z]{1,12})(\d{1,12})\""
)
FORMULA = re.compile(rb"<(?:\w{1,10}:)?f[ />]")
HIDDEN = re.compile(rb"state\s*=\s*\"(?:very)?hidden\"", re.IGNORECASE)
XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)[\"']")
RELATION = re.compile(rb"<(?:\w{1,10}:)?Relationship\b[^<>]*>")
ATTRIBUTE = re.compile(rb"\b(Target|Type|TargetMode)\s*=\s*\"([^\"]*)\"")


@dataclass(slots=True)
class _Progress:
    """全包合计：解压字节数、合并数。"""

    unpacked: int = 0
    relations: bytearray = field(default_factory=bytearray)


def check_zip(data: bytes, *, name: str, limits: SheetLimits) -> None:
    """检查 xlsx 包；不可读则抛 InvalidInput。"""
    _check_directory_size(data, name=name, limits=limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError, EOFError):
        raise refuse("FILE_CORRUPT", file=name) from None
    _check_members(members, data, name=name, limits=limits)
    if sum(m.file_size for m in members) > limits.unpacked_bytes:
        raise refuse("ARCHIVE_TOO_LARGE", file=name)
    progress = _Progress()
    for member in members:
        try:
            _scan_member(member, data, name=name, limits=limits, progress=progress)
        except (zlib.error, struct.error):
            raise refuse("FILE_CORRUPT", file=name) from None
    _check_sheet_targets(bytes(progress.relations), {m.filename for m in members}, name=name)


def _check_directory_size(data: bytes, *, name: str, limits: SheetLimits) -> None:
    """目录过大时连目录也不读：十万个空部件的目录本身就是攻击。"""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) - end < 22:
        raise refuse("FILE_CORRUPT", file=name, detail="文件不完整")
    entries, size = struct.unpack_from("<HL", data, end + 10)
    if entries > limits.parts or size > limits.parts * 512:
        raise refuse("ARCHIVE_TOO_MANY_FILES", file=name, detail=f"上限 {limits.parts} 个")


def _check_members(members: list[zipfile.ZipInfo], data: bytes, *, name: str, limits: SheetLimits) -> None:
    names = [m.filename for m in members]
    if len(members) > limits.parts:
        raise refuse("ARCHIVE_TOO_MANY_FILES", file=name, detail=f"上限 {limits.parts} 个")
    if any(m.flag_bits & 0x1 for m in members):
        raise refuse("FILE_ENCRYPTED", file=name)
    if len({n.casefold() for n in names}) != len(names):
        raise refuse("FILE_CORRUPT", file=name, detail="内部部件重复")
    for member in members:
        path = member.filename
        if path.startswith(("/", "\\")) or ":" in path or ".." in re.split(r"[/\\]", path):
            raise refuse("ARCHIVE_BAD_PATH", file=name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise refuse("ARCHIVE_BAD_PATH", file=name, detail="含有链接")
    lowered = {n.casefold() for n in names}
    if any("vbaproject" in n or n.startswith(("xl/macrosheets/", "xl/dialogsheets/")) for n in lowered):
        raise refuse("ACTIVE_CONTENT", file=name)
    _check_kind(lowered, name=name)
    previous_end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        start = _body_offset(member, data, name=name)
        if member.header_offset < previous_end or start + member.compress_size > len(data):
            raise refuse("FILE_CORRUPT", file=name, detail="内部部件重叠")
        previous_end = start + member.compress_size


def _check_kind(lowered: set[str], *, name: str) -> None:
    if "xl/workbook.bin" in lowered:
        raise refuse("FILE_TYPE_MISMATCH", file=name, detail="这是 .xlsb 二进制工作簿")
    if any(n.startswith("word/") for n in lowered):
        raise refuse("FILE_TYPE_MISMATCH", file=name, detail="这是 Word 文档")
    has_workbook, has_types = "xl/workbook.xml" in lowered, "[content_types].xml" in lowered
    if not has_workbook and not (has_types and any(n.startswith("xl/") for n in lowered)):
        raise refuse("FILE_TYPE_MISMATCH", file=name, detail="压缩包里不是 Excel 工作簿")
    if not has_workbook or not has_types or "_rels/.rels" not in lowered:
        raise refuse("FILE_CORRUPT", file=name, detail="缺少必要部件")


def _body_offset(member: zipfile.ZipInfo, data: bytes, *, name: str) -> int:
    at = member.header_offset
    if data[at : at + 4] != b"PK\x03\x04" or at + 30 > len(data):
        raise refuse("FILE_CORRUPT", file=name)
    name_length: int
    extra_length: int
    name_length, extra_length = struct.unpack_from("<HH", data, at + 26)
    local = data[at + 30 : at + 30 + name_length]
    encoding = "utf-8" if member.flag_bits & 0x800 else "cp437"
    if local.decode(encoding, "replace") != member.orig_filename:
        raise refuse("FILE_CORRUPT", file=name, detail="内部部件名称前后不一")
    return at + 30 + name_length + extra_length


def _inflate(member: zipfile.ZipInfo, data: bytes, *, name: str) -> Iterator[bytes]:
    """分步解压。Stored members are cut into the same steps."""
    start = _body_offset(member, data, name=name)
    body = memoryview(data)[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        for at in range(0, len(body), STEP):
            yield bytes(body[at : at + STEP])
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise refuse("FILE_CORRUPT", file=name, detail="不支持的压缩方式")
    inflater = zlib.decompressobj(-15)
    for at in range(0, len(body), STEP):
        piece = bytes(body[at : at + STEP])
        while piece:
            out = inflater.decompress(piece, STEP)
            piece = inflater.unconsumed_tail
            if out:
                yield out
    rest = inflater.flush()
    if rest:
        yield rest


def _scan_member(member: zipfile.ZipInfo, data: bytes, *, name: str, limits: SheetLimits, progress: _Progress) -> None:
    lowered = member.filename.casefold()
    is_xml = lowered.endswith((".xml", ".rels"))
    # Any part may be registered as a sheet; in other parts the patterns simply do not occur.
    scanner = _SheetScanner(name, limits) if lowered.endswith(".xml") and lowered.startswith("xl/") else None
    got, checksum, tail, depth = 0, 0, b"", 0
    for out in _inflate(member, data, name=name):
        if got == 0 and is_xml:
            _check_encoding(out, name=name)
        got += len(out)
        progress.unpacked += len(out)
        checksum = zlib.crc32(out, checksum)
        if progress.unpacked > limits.unpacked_bytes or (
            got > RATIO_FROM and got > limits.compression_ratio * max(1, member.compress_size)
        ):
            raise refuse("ARCHIVE_TOO_LARGE", file=name)
        if not is_xml:
            continue
        window = tail + out
        if any(word in window for word in FORBIDDEN_XML):
            raise refuse("XML_FORBIDDEN", file=name)
        depth += _depth_change(out, tail[-1:])
        if depth > MAX_DEPTH:
            raise refuse("FILE_CORRUPT", file=name, detail="内部标签嵌套过深")
        if scanner is not None:
            scanner.feed(window)
        if lowered == "xl/workbook.xml" and limits.refuse_hidden and HIDDEN.search(window):
            raise refuse("SHEET_HIDDEN", file=name)
        if lowered == "xl/_rels/workbook.xml.rels" and len(progress.relations) < 4 << 20:
            progress.relations += out
        tail = window[-CARRY:]
    if got != member.file_size or checksum != member.CRC:
        raise refuse("FILE_CORRUPT", file=name, detail="声明大小或校验与实际不符")


def _check_encoding(head: bytes, *, name: str) -> None:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:64]:
        raise refuse("FILE_CORRUPT", file=name, detail="内部编码不是 UTF-8")
    declared = XML_ENCODING.match(head.lstrip(b"\xef\xbb\xbf")[:200])
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise refuse("FILE_CORRUPT", file=name, detail="内部编码不是 UTF-8")


def _depth_change(out: bytes, before: bytes) -> int:
    """这一步里净增的嵌套层数，粗算而不漏：``before`` is the byte before, for pairs cut at the border."""
    joined = before + out
    closing, markup = joined.count(b"</"), joined.count(b"<?") + joined.count(b"<!")
    return out.count(b"<") - 2 * closing - markup - joined.count(b"/>")


class _SheetScanner:
    """逐步检查一张表里的坐标与合并。"""

    def __init__(self, name: str, limits: SheetLimits) -> None:
        self.name, self.limits = name, limits
        self.merges = 0
        # Every cell has a reference, few are near the limits: look closely only where one is long enough to pass them.
        digits, letters = len(str(limits.rows)), len(_column_letters(limits.columns))
        self.may_pass = re.compile(rb'r="(?:[A-Za-z]{%d}|[A-Za-z]{0,%d}\d{%d})' % (letters, letters, digits))

    def feed(self, window: bytes) -> None:
        if self.may_pass.search(window):
            self._check_cells(window)
        if b"mergeCell" in window:
            self._check_merges(window)
        if self.limits.refuse_formulas and FORMULA.search(window):
            raise refuse("FORMULA_FORBIDDEN", file=self.name)

    def _check_cells(self, window: bytes) -> None:
        rows, columns = self.limits.rows, self.limits.columns
        for letters, number in set(CELL_WITH_CONTENT.findall(window)):
            if int(number) > rows:
                raise self._too_large(f"第 {int(number)} 行有内容，行数超出上限 {rows} 行")
            if letters and _column_number(letters) > columns:
                raise self._too_large(f"列 {letters.decode()} 有内容，列数超出上限 {columns} 列")

    def _check_merges(self, window: bytes) -> None:
        rows, columns = self.limits.rows, self.limits.columns
        for first, top, last, bottom in MERGE.findall(window):
            self.merges += 1
            if max(int(top), int(bottom)) > rows or max(_column_number(first), _column_number(last)) > columns:
                raise self._too_large("合并单元格的范围超出上限")
            if self.merges > 2 * self.limits.merges:
                raise self._too_large(f"合并单元格超出上限 {self.limits.merges} 处")

    def _too_large(self, detail: str) -> InvalidInput:
        return refuse("SHEET_TOO_LARGE", file=self.name, detail=detail)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _column_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _check_sheet_targets(relations: bytes, names: set[str], *, name: str) -> None:
    """每张登记的工作表都要有其部件。"""
    present = {n.casefold() for n in names}
    for relation in RELATION.findall(relations):
        values = {key.decode(): value.decode("utf-8", "replace") for key, value in ATTRIBUTE.findall(relation)}
        if not values.get("Type", "").endswith("/worksheet") or values.get("TargetMode") == "External":
            continue
        target = unquote(values.get("Target", ""))
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if path.casefold() not in present or not path.casefold().endswith(".xml"):
            raise refuse("FILE_CORRUPT", file=name, detail="缺少工作表部件")
