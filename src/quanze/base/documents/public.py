"""文档输出的公共入口：公文模型、Word、PDF、张贴页与图表。"""

from quanze.base.documents import charts
from quanze.base.documents.filling import FoundField, fields_in, fill, require_known
from quanze.base.documents.model import Block, Document, Figure, Heading, Paragraph, Table
from quanze.base.documents.pdf import render_pdf
from quanze.base.documents.poster import Poster, qr_png, render_poster
from quanze.base.documents.reading import docx_lines
from quanze.base.documents.word import render_docx

__all__ = [
    "Block",
    "Document",
    "Figure",
    "FoundField",
    "Heading",
    "Paragraph",
    "Poster",
    "Table",
    "charts",
    "docx_lines",
    "fields_in",
    "fill",
    "qr_png",
    "render_docx",
    "render_pdf",
    "render_poster",
    "require_known",
]
