"""归档包：文件、归档目录、逐个文件的摘要，装成 zip。Pure: the same contents give the same bytes, whenever and wherever."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quanze.base.documents.public import Block, Document, Heading, Paragraph, Table, render_docx, render_pdf
from quanze.core.sealing import canonical_json, digest

MANIFEST = "manifest.json"
CATALOGUE = "00 归档目录"
# The format of zip begins here; the true dates stand in the documents.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """包里的一个文件：路径、题名、字节。"""

    path: str
    title: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Matter:
    """归档的一件事：种类、编号、题名、机构、办结日期、要点、文件。"""

    kind: str
    id: int
    title: str
    body_id: int | None
    body_name: str
    closed_on: date
    facts: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]


def build(matter: Matter) -> bytes:
    """装包。"""
    catalogue = _catalogue(matter)
    entries = [
        Entry(f"{CATALOGUE}.docx", "归档目录", render_docx(catalogue)),
        Entry(f"{CATALOGUE}.pdf", "归档目录", render_pdf(catalogue)),
        *matter.entries,
    ]
    manifest = {
        "format": "quanze-archive/1",
        "kind": matter.kind,
        "id": matter.id,
        "title": matter.title,
        "body": matter.body_name,
        "closed_on": matter.closed_on,
        "files": [
            {
                "path": entry.path,
                "title": entry.title,
                "size": len(entry.content),
                "sha256": hashlib.sha256(entry.content).hexdigest(),
                "sm3": digest(entry.content, "sm3"),
            }
            for entry in entries
        ],
    }
    return _zipped([*entries, Entry(MANIFEST, "清单与摘要", canonical_json(manifest) + b"\n")])


def opinion_paper(
    matter_title: str, body_name: str, dated: date, steps: Sequence[Sequence[str]], items: Sequence[Sequence[str]]
) -> Document:
    """审签单：各步办理人、时间、意见；各事项的意见。"""
    blocks: list[Block] = [
        Paragraph(matter_title),
        Heading("审查经过"),
        Table(["步骤", "办理人", "时间", "意见"], [list(step) for step in steps], widths=[3, 5, 3, 8]),
        Heading("事项意见"),
        Table(["序号", "事项名称", "动作", "意见"], [list(item) for item in items], widths=[1, 7, 2, 8]),
    ]
    return Document(title="权责清单审签单", addressee=body_name, blocks=blocks, dated=dated)


def record_paper(matter_title: str, dated: date, rows: Sequence[Sequence[str]]) -> Document:
    """记录摘录的读本。"""
    table = Table(
        ["编号", "时间", "动作", "行为人", "客体", "理由"], [list(row) for row in rows], widths=[2, 4, 3, 5, 5, 5]
    )
    return Document(title="记录摘录", blocks=[Paragraph(matter_title), table], dated=dated)


def _catalogue(matter: Matter) -> Document:
    facts = [Paragraph(f"{label}：{text}") for label, text in matter.facts]
    rows = [
        [str(number), entry.title, entry.path, f"{len(entry.content):,}", hashlib.sha256(entry.content).hexdigest()]
        for number, entry in enumerate(matter.entries, start=1)
    ]
    table = Table(["序号", "题名", "文件", "字节", "SHA-256"], rows, widths=[1, 4, 6, 2, 6])
    return Document(
        title=f"归档目录　{matter.title}", blocks=[*facts, table], signature=matter.body_name, dated=matter.closed_on
    )


def _zipped(entries: Sequence[Entry]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.path, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, entry.content, compresslevel=6)
    return buffer.getvalue()
