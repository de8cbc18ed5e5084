"""张贴页：题名、要点、几个大数、二维码，一张 A3；同一内容得同一字节。"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from quanze.base.documents import fonts

_TEMPLATE = Path(__file__).with_name("poster.typ")
_MOST_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Poster:
    """张贴页的内容：``figures`` 为（名称，数目）；``address`` 是二维码所指，也印成文字。"""

    title: str
    subtitle: str
    lines: Sequence[str]
    figures: Sequence[tuple[str, str]]
    invitation: str
    address: str
    contact: str
    version_line: str
    dated: date


def qr_png(text: str) -> bytes:
    """二维码的 PNG：容错 M 级，四格留白。"""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=12, border=4)
    code.add_data(text)
    code.make(fit=True)
    stream = io.BytesIO()
    code.make_image().save(stream, kind="PNG")
    return stream.getvalue()


def render_poster(poster: Poster) -> bytes:
    """张贴页的 PDF 字节。"""
    import typst  # loading the compiler costs start-up time that most commands never need

    count = max(1, len(poster.figures))
    rows = -(-count // _MOST_COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "poster.typ").write_bytes(_TEMPLATE.read_bytes())
        (root / "qr.png").write_bytes(qr_png(poster.address))
        content = {
            "title": poster.title,
            "subtitle": poster.subtitle,
            "lines": list(poster.lines),
            "figures": [list(pair) for pair in poster.figures],
            "columns": -(-count // rows),
            "invitation": poster.invitation,
            "address": poster.address,
            "contact": poster.contact,
            "version_line": poster.version_line,
            "year": poster.dated.year,
            "month": poster.dated.month,
            "day": poster.dated.day,
        }
        (root / "poster.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return typst.compile(
            root / "poster.typ",
            root=root,
            font_paths=[fonts.folder()],
            ignore_system_fonts=True,
            timestamp=datetime.combine(poster.dated, time(), UTC),
        )
