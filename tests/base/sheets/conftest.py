"""手工拼成的 xlsx 包与 xls 复合文档：要什么毛病有什么毛病。"""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import pytest

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{NS}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="清单" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def sheet_xml(body: str, after: str = "", before: str = "") -> str:
    return f'{before}<worksheet xmlns="{NS}"><sheetData>{body}</sheetData>{after}</worksheet>'


def text_cell(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


GOOD_ROWS = f'<row r="1">{text_cell("A1", "序号")}{text_cell("B1", "名称")}</row>'


@pytest.fixture
def make_xlsx() -> Callable[..., bytes]:
    """make_xlsx({部件: 内容}, drop=…)：一个最小的 xlsx，给出的部件替换或增加。"""

    def make(parts: Mapping[str, str | bytes] | None = None, drop: tuple[str, ...] = ()) -> bytes:
        every = {**PARTS, "xl/worksheets/sheet1.xml": sheet_xml(GOOD_ROWS), **(parts or {})}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in every.items():
                if name not in drop:
                    archive.writestr(name, content)
        return buffer.getvalue()

    return make


@pytest.fixture
def make_ole() -> Callable[..., bytes]:
    """make_ole(流名, 内容, loop=…)：一个最小的复合文档；loop 使扇区链成环。"""

    def make(name: str, content: bytes = b"", *, loop: bool = False, more: tuple[str, ...] = ()) -> bytes:
        free, end, special = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
        body = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0") if content else b""
        sectors = len(body) // 512
        fat = [special, end] + [n + 3 for n in range(sectors - 1)] + ([end] if sectors else [])
        if loop:
            fat[1] = 1
        header = struct.pack(
            "<8s16xHHHHH6xLLLLLLLLL",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            0x3E,
            3,
            0xFFFE,
            9,
            6,
            0,
            1,
            1,
            0,
            4096,
            end,
            0,
            end,
            0,
        )
        header += struct.pack("<109L", 0, *[free] * 108)
        directory = _entry("Root Entry", 5, end, 0) + _entry(name, 2, 2 if body else end, len(body))
        directory += b"".join(_entry(other, 1, end, 0) for other in more[:2])
        table = b"".join(struct.pack("<L", n) for n in fat).ljust(512, b"\xff")
        return header + table + directory.ljust(512, b"\0") + body

    return make


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<LLL", 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBB", len(encoded), kind, 1)
        + links
        + b"\0" * 36
        + struct.pack("<LQ", start, size)
    )


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _label(row: int, column: int, text: str) -> bytes:
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


@pytest.fixture
def make_xls(make_ole) -> Callable[..., bytes]:
    """make_xls(行)：一个真能读的 BIFF8 工作簿，一张表“清单”。"""

    def make(rows: list[list[str]]) -> bytes:
        bof = lambda kind: _record(0x0809, struct.pack("<HHHHLL", 0x0600, kind, 0, 0, 0, 6))  # noqa: E731
        name = "清单"
        bound = struct.pack("<LHBB", 0, 0, len(name), 1) + name.encode("utf-16-le")
        before = bof(0x0005)
        offset = len(before) + 4 + len(bound) + 4
        bound = struct.pack("<L", offset) + bound[4:]
        cells = b"".join(_label(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row) if text)
        return make_ole(
            "Workbook",
            before + _record(0x0085, bound) + _record(0x000A, b"") + bof(0x0010) + cells + _record(0x000A, b""),
        )

    return make
