"""套用样式文件：字段被 Word 撕成几段也认得，填后格式不变，表格行逐条重复，写坏的占位指明在哪里。"""

import io
import zipfile

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from quanze.base.documents.public import fields_in, fill, require_known
from quanze.core.errors import InvalidInput, RulesNotMet


def saved(word) -> bytes:
    target = io.BytesIO()
    word.save(target)
    return target.getvalue()


def template() -> bytes:
    word = docx.Document()
    line = word.add_paragraph()
    for text, size, is_bold in (("关于", 16, False), ("{{会", 22, True), ("议号", 12, False), ("}}的请示", 16, False)):
        run = line.add_run(text)
        run.font.size, run.font.bold = Pt(size), is_bold
    word.paragraphs[0].runs[1].font.color.rgb = RGBColor(0xC0, 0, 0)
    word.sections[0].header.paragraphs[0].text = "{{会议号}}　内部资料"
    table = word.add_table(rows=2, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "事项", "理由"
    table.rows[1].cells[0].text, table.rows[1].cells[1].text = "{{事项.名称}}（{{会议号}}）", "{{事项.理由}}"
    word.add_paragraph("共议：{{ 事项.名称 }}。")
    return saved(word)


LINES = [{"名称": "处罚甲", "理由": "第一行\n第二行"}, {"名称": "许可{{会议号}}乙", "理由": ""}]


def test_a_field_torn_into_runs_is_filled_and_keeps_the_look_of_where_it_began():
    made = docx.Document(io.BytesIO(fill(template(), {"会议号": "第3次会议"}, {"事项": LINES})))
    first = made.paragraphs[0]
    assert first.text == "关于第3次会议的请示"
    filled = next(run for run in first.runs if run.text == "第3次会议")
    assert (filled.font.size, filled.font.bold, filled.font.color.rgb) == (Pt(22), True, RGBColor(0xC0, 0, 0))
    assert made.sections[0].header.paragraphs[0].text == "第3次会议　内部资料"


def test_the_row_of_a_group_is_repeated_per_line_and_what_a_value_says_is_no_field():
    made = docx.Document(io.BytesIO(fill(template(), {"会议号": "第3次会议"}, {"事项": LINES})))
    rows = [[cell.text for cell in row.cells] for row in made.tables[0].rows]
    assert rows == [
        ["事项", "理由"],
        ["处罚甲（第3次会议）", "第一行\n第二行"],
        ["许可{{会议号}}乙（第3次会议）", ""],
    ]
    assert made.paragraphs[-1].text == "共议：处罚甲\n许可{{会议号}}乙。"
    empty = docx.Document(io.BytesIO(fill(template(), {"会议号": "x"}, {"事项": []})))
    assert len(empty.tables[0].rows) == 1


def test_fields_are_listed_with_where_they_stand_and_unknown_ones_are_named_with_a_guess():
    found = fields_in(template())
    assert {(one.name, one.part, one.count) for one in found} == {
        ("会议号", "正文", 2),
        ("事项.名称", "正文", 2),
        ("事项.理由", "正文", 1),
        ("会议号", "页眉", 1),
    }
    require_known(found, ["会议号", "事项.名称", "事项.理由"])
    with pytest.raises(RulesNotMet) as refused:
        require_known(found, ["会议名称", "事项.名称", "事项.理由"], file="请示.docx")
    assert refused.value.code == "field_unknown"
    assert refused.value.defects[0].message == "正文的字段“会议号”没有这个名称，是不是“会议名称”"
    assert str(refused.value.defects[0].place) == "文件“请示.docx”“正文”"


@pytest.mark.parametrize("text", ["到{{会议号", "到{{会议号}为止", "｛｛会议号｝｝", "空的{{ }}"])
def test_a_broken_placeholder_is_named_with_its_paragraph(text):
    word = docx.Document()
    word.add_paragraph("好的{{会议号}}")
    word.add_paragraph(text)
    with pytest.raises(RulesNotMet, match="正文第 2 段") as refused:
        fields_in(saved(word))
    assert refused.value.code == "placeholder_broken" and len(refused.value.defects) == 1


def test_a_field_in_a_text_box_is_filled_once():
    word = docx.Document()
    box, run = OxmlElement("w:txbxContent"), word.add_paragraph("外面{{会议号}}").add_run()
    inner = OxmlElement("w:p")
    piece, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "框里{{会议号}}"
    piece.append(text)
    inner.append(piece)
    box.append(inner)
    run._element.append(box)
    made = docx.Document(io.BytesIO(fill(saved(word), {"会议号": "三"}, {})))
    assert [node.text for node in made.element.body.iter(qn("w:t"))] == ["外面三", "框里三"]


def test_what_is_no_document_or_points_at_other_files_is_refused():
    with pytest.raises(InvalidInput, match="打不开"):
        fields_in(b"PK\x03\x04 not a document")
    word = docx.Document()
    word.part.relate_to(
        "file:///c/secret.png", "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image", True
    )
    with pytest.raises(InvalidInput, match="引用了别处的文件"):
        fields_in(saved(word))
    big = io.BytesIO()
    with zipfile.ZipFile(big, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (61 * 1024 * 1024))
    with pytest.raises(InvalidInput, match="太大"):
        fields_in(big.getvalue())


def test_the_same_content_gives_the_same_bytes():
    assert fill(template(), {"会议号": "三"}, {"事项": LINES}) == fill(template(), {"会议号": "三"}, {"事项": LINES})
