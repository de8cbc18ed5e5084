"""读 Word 正文：自动编号还原，表格逐格，换行分行；打不开的拒绝。"""

from __future__ import annotations

import copy
import io

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from quanze.base.documents.public import docx_lines
from quanze.core.errors import InvalidInput


def numbered_like_a_regulation(word) -> int:
    """加一份编号：第一级“第一条”，第二级“（一）”；返回编号。"""
    root = word.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "90")
    for level, (form, text) in enumerate((("chineseCounting", "第%1条　"), ("chineseCounting", "（%2）"))):
        lvl = OxmlElement("w:lvl")
        lvl.set(qn("w:ilvl"), str(level))
        for name, value in (("start", "1"), ("numFmt", form), ("lvlText", text)):
            child = OxmlElement(f"w:{name}")
            child.set(qn("w:val"), value)
            lvl.append(child)
        abstract.append(lvl)
    root.insert(0, abstract)
    num = OxmlElement("w:num")
    num.set(qn("w:numId"), "90")
    link = OxmlElement("w:abstractNumId")
    link.set(qn("w:val"), "90")
    num.append(link)
    root.append(num)
    return 90


def paragraph(word, text: str, num_id: int, level: int) -> None:
    made = word.add_paragraph(text)
    properties = made._p.get_or_add_pPr()
    numbering = OxmlElement("w:numPr")
    for name, value in (("ilvl", level), ("numId", num_id)):
        child = OxmlElement(f"w:{name}")
        child.set(qn("w:val"), str(value))
        numbering.append(child)
    properties.append(copy.copy(numbering))


def saved(word) -> bytes:
    data = io.BytesIO()
    word.save(data)
    return data.getvalue()


def test_automatic_numbers_are_counted_as_word_counts_them():
    word = docx.Document()
    num_id = numbered_like_a_regulation(word)
    for text, level in (
        ("制定本规定。", 0),
        ("主要职责：", 0),
        ("负责许可。", 1),
        ("负责检查。", 1),
        ("内设机构：", 0),
        ("办公室。", 1),
    ):
        paragraph(word, text, num_id, level)
    assert docx_lines(saved(word)) == [
        "第一条　制定本规定。",
        "第二条　主要职责：",
        "（一）负责许可。",
        "（二）负责检查。",
        "第三条　内设机构：",
        "（一）办公室。",
    ]


def test_twelve_articles_are_written_in_chinese_and_plain_paragraphs_have_no_number():
    word = docx.Document()
    num_id = numbered_like_a_regulation(word)
    for _ in range(21):
        paragraph(word, "略。", num_id, 0)
    word.add_paragraph("附则\n另行")
    table = word.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "科室", "职责"
    lines = docx_lines(saved(word))
    assert [lines[9], lines[10], lines[19], lines[20]] == [
        "第十条　略。",
        "第十一条　略。",
        "第二十条　略。",
        "第二十一条　略。",
    ]
    assert lines[21:] == ["附则", "另行", "科室　职责"]


def test_what_is_no_word_file_is_refused_with_its_name():
    with pytest.raises(InvalidInput) as refused:
        docx_lines(b"PK\x03\x04\xff", file="三定.docx")
    assert (refused.value.code, refused.value.place.file) == ("FILE_DAMAGED", "三定.docx")
