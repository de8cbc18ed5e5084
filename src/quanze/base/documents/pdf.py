"""输出 PDF：排版程序读一份 JSON 与插图，字体随依赖安装；同一内容得同一字节。"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from quanze.base.documents import fonts
from quanze.base.documents.model import Block, Document, Figure, Heading, Table, chinese_date, numbered

_TEMPLATE = Path(__file__).with_name("document.typ")


def render_pdf(document: Document) -> bytes:
    """公文的 PDF 字节。"""
    import typst  # loading the compiler costs start-up time that most commands never need

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "document.typ").write_bytes(_TEMPLATE.read_bytes())
        blocks = [
            _block(block, label, n, root, floats=_floats(document.blocks, n))
            for n, (block, label) in enumerate(numbered(document.blocks))
        ]
        content = {
            "title": document.title,
            "document_no": document.document_no,
            "addressee": document.addressee,
            "signature": document.signature,
            "dated": chinese_date(document.dated),
            "year": document.dated.year,
            "month": document.dated.month,
            "day": document.dated.day,
            "version_line": document.version_line(),
            "blocks": blocks,
        }
        (root / "document.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return typst.compile(
            root / "document.typ",
            root=root,
            font_paths=[fonts.folder()],
            ignore_system_fonts=True,
            timestamp=datetime.combine(document.dated, time(), UTC),
        )


def _floats(blocks: Sequence[Block], number: int) -> bool:
    """文字之间的单图：前后都有文字可以补位。

    Figures that follow each other stay where they are, or their heading would be left alone; near the top a floating
    figure would land above the title.
    """
    around = blocks[max(0, number - 3) : number], blocks[number + 1 : number + 2]
    return len(around[0]) == 3 and bool(around[1]) and not any(isinstance(b, Figure) for part in around for b in part)


def _block(block: Block, label: str, number: int, root: Path, *, floats: bool) -> dict[str, object]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "label": label, "text": block.text}
    if isinstance(block, Table):
        count = len(block.header)
        return {
            "kind": "table",
            "label": label,
            "caption": block.caption,
            "header": list(block.header),
            "rows": [list(row) for row in block.rows],
            "widths": list(block.widths) or [1] * count,
            "aligns": list(block.aligns) or ["left"] * count,
        }
    if isinstance(block, Figure):
        name = f"figure{number}.png"
        (root / name).write_bytes(block.png)
        return {
            "kind": "figure",
            "label": label,
            "caption": block.caption,
            "alt": block.alt,
            "file": name,
            "floats": floats,
        }
    return {"kind": "paragraph", "text": block.text}
