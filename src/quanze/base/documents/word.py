"""输出 Word：公文版式，表头每页重复，页码为域；同一内容得同一字节。

Typefaces are named as Chinese offices have them (仿宋, 黑体, 宋体); a machine without them shows its own fallback.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from quanze.base.documents.model import Document, Figure, Heading, Table, chinese_date, numbered

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

BODY_FACE, HEADING_FACE, TITLE_FACE = "仿宋", "黑体", "宋体"
_BODY_PT, _TITLE_PT, _TABLE_PT, _LINE_PT = 16, 22, 10.5, 28
_TEXT_WIDTH_MM = 156
# The oldest time a zip entry can carry: the content, not the clock, decides the bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def render_docx(document: Document) -> bytes:
    """公文的 docx 字节。"""
    import docx

    word = docx.Document()
    _set_up(word, document)
    _line(word, document.title, TITLE_FACE, _TITLE_PT, align="center", bold=True, spacing=(0, 12))
    if document.document_no:
        _line(word, document.document_no, BODY_FACE, _BODY_PT, align="center", spacing=(0, 12))
    if document.addressee:
        _line(word, f"{document.addressee}：", BODY_FACE, _BODY_PT)
    for block, label in numbered(document.blocks):
        if isinstance(block, Heading):
            face = HEADING_FACE if block.level == 1 else "楷体" if block.level == 2 else BODY_FACE
            paragraph = _line(word, label + block.text, face, _BODY_PT, indent=True, style=f"Heading {block.level}")
            paragraph.paragraph_format.keep_with_next = True
        elif isinstance(block, Table):
            _table(word, block, label)
        elif isinstance(block, Figure):
            _figure(word, block, label)
        else:
            _line(word, block.text, BODY_FACE, _BODY_PT, indent=True, align="justify")
    if document.blocks and not isinstance(document.blocks[-1], Table | Figure):
        # 落款不单独成页
        word.paragraphs[-1].paragraph_format.keep_with_next = True
    if document.signature:
        _line(
            word, document.signature + "　　", BODY_FACE, _BODY_PT, align="right", spacing=(24, 0)
        ).paragraph_format.keep_with_next = True
    dated = _line(word, chinese_date(document.dated) + "　　", BODY_FACE, _BODY_PT, align="right")
    dated.paragraph_format.keep_with_next = True
    _line(word, document.version_line(), BODY_FACE, 9, spacing=(18, 0))
    target = io.BytesIO()
    word.save(target)
    return stable_zip(target.getvalue())


def _set_up(word: WordDocument, document: Document) -> None:
    from docx.shared import Mm, Pt

    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(24)
    word.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer, "right")
    _page_number(section.even_page_footer, "left")
    normal = word.styles["Normal"]
    normal.font.size = Pt(_BODY_PT)
    _set_face(normal.element.get_or_add_rPr(), BODY_FACE)
    stamp = datetime.combine(document.dated, time())
    properties = word.core_properties
    properties.title, properties.author = document.title.replace("\n", ""), document.signature
    properties.comments = document.version_line()
    properties.created = properties.modified = stamp
    properties.last_modified_by, properties.revision = "", 1


def _set_face(run_properties: Any, face: str) -> None:
    from docx.oxml.ns import qn

    fonts = run_properties.get_or_add_rFonts()
    for attribute in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(attribute), face)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)


def _run(paragraph: Any, text: str, face: str, size: float, *, bold: bool = False) -> Any:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.italic = Pt(size), bold, False
    run.font.color.rgb = RGBColor(0, 0, 0)
    _set_face(run._element.get_or_add_rPr(), face)
    return run


def _line(
    word: Any,
    text: str,
    face: str,
    size: float,
    *,
    align: str = "left",
    indent: bool = False,
    bold: bool = False,
    spacing: tuple[float, float] = (0, 0),
    style: str | None = None,
) -> Any:
    """一行（段）文字。``word`` is the document, or a table cell."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt

    paragraph = word.add_paragraph(style=style)
    form = paragraph.paragraph_format
    form.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    form.space_before, form.space_after = Pt(spacing[0]), Pt(spacing[1])
    if size == _BODY_PT:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE_PT)
    if indent:
        form.first_line_indent = Pt(2 * size)
    _run(paragraph, text, face, size, bold=bold)
    return paragraph


def _page_number(footer: Any, align: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    _run(paragraph, "　— " if align == "left" else "— ", TITLE_FACE, 14)
    run = _run(paragraph, "", TITLE_FACE, 14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._element.append(element)
    _run(paragraph, " —" if align == "left" else " —　", TITLE_FACE, 14)


def _table(word: WordDocument, block: Table, label: str) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    if block.caption:
        caption = _line(word, f"{label}　{block.caption}", HEADING_FACE, _TABLE_PT, align="center", spacing=(12, 4))
        caption.paragraph_format.keep_with_next = True
    widths = list(block.widths) or [1] * len(block.header)
    aligns = list(block.aligns) or ["left"] * len(block.header)
    table = word.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    spans = [Mm(round(_TEXT_WIDTH_MM * width / sum(widths), 1)) for width in widths]
    for column, span in zip(table.columns, spans, strict=True):
        column.width = span
    for n, cells in enumerate([block.header, *block.rows]):
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if n == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, text, span, align in zip(row.cells, cells, spans, aligns, strict=True):
            cell.width = span
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            face = HEADING_FACE if n == 0 else BODY_FACE
            _line(cell, text, face, _TABLE_PT, align="center" if n == 0 else align, spacing=(2, 2))
            cell._tc.remove(cell.paragraphs[0]._p)
            if n == 0:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), "EEF2F7")
                cell._tc.get_or_add_tcPr().append(shade)
    _line(word, "", BODY_FACE, 8)


def _figure(word: WordDocument, block: Figure, label: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    picture = word.add_picture(io.BytesIO(block.png), width=Mm(_TEXT_WIDTH_MM))
    picture._inline.docPr.set("descr", block.alt or block.caption)
    paragraph = word.paragraphs[-1]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_before = Pt(12)
    _line(word, f"{label}　{block.caption}", HEADING_FACE, _TABLE_PT, align="center", spacing=(2, 12))


def stable_zip(payload: bytes) -> bytes:
    """重写压缩包：成员时间固定，次序不变。"""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in source.infolist():
            entry = zipfile.ZipInfo(member.filename, _ZIP_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, member.external_attr
            copy.writestr(entry, source.read(member))
    return target.getvalue()
