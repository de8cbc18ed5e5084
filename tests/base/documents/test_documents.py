"""公文输出：版式要素在、编号对、同一内容得同一字节。"""

import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from quanze.base.documents.model import chinese_number, numbered
from quanze.base.documents.public import Document, Figure, Heading, Paragraph, Table, charts, render_docx, render_pdf

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def paper(**more: object) -> Document:
    chart = charts.bar("甲局得分最高", ["甲局", "乙局"], {"总分": [Decimal("92.5"), None]}, unit="分")
    values = {
        "title": "关于甲局权责清单运行情况的评估结论",
        "addressee": "甲局",
        "signature": "示范市委编办",
        "document_no": "示编办〔2026〕3号",
        "dated": date(2026, 11, 22),
        "version": "第 2 版",
        "blocks": [
            Heading("总体情况"),
            Paragraph("40 项中 38 项已分解到内设机构。"),
            Heading("得分", 2),
            Table(
                ["指标", "得分"],
                [[f"指标{n}", "2.85"] for n in range(60)],
                caption="各项得分",
                widths=[3, 1],
                aligns=["left", "right"],
            ),
            Figure(chart, "总分", "甲局 92.5 分，乙局无数据"),
            Heading("建议"),
            Paragraph("请于 15 个工作日内提出整改措施。"),
        ],
    }
    return Document(**(values | more))


def pdf_text(payload: bytes, folder: Path) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("SKIPPED LOUDLY: pdftotext (Debian poppler-utils) is absent, the text of the PDF is not compared")
    (folder / "paper.pdf").write_bytes(payload)
    return subprocess.run([program, folder / "paper.pdf", "-"], capture_output=True, check=True).stdout.decode()


def test_headings_tables_and_figures_are_numbered() -> None:
    labels = [label for _, label in numbered([*paper().blocks, Heading("甲", 3), Heading("乙", 3), Heading("丙", 2)])]
    assert labels == ["一、", "", "（一）", "表 1", "图 1", "二、", "", "1.", "2.", "（一）"]
    assert [chinese_number(n) for n in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]


def test_the_digest_covers_the_content_and_is_the_same_for_both_formats() -> None:
    assert paper().digest() == paper().digest()
    assert paper().digest() != paper(title="关于乙局的评估结论").digest()
    changed = paper(blocks=[*paper().blocks[:1], Paragraph("40 项中 39 项已分解到内设机构。"), *paper().blocks[2:]])
    assert changed.digest() != paper().digest()
    assert paper().digest()[:16] in paper().version_line()


def test_word_has_the_parts_of_an_official_paper() -> None:
    word = docx.Document(io.BytesIO(render_docx(paper())))
    texts = [p.text for p in word.paragraphs]
    for expected in (
        "关于甲局权责清单运行情况的评估结论",
        "示编办〔2026〕3号",
        "甲局：",
        "一、总体情况",
        "（一）得分",
        "表 1　各项得分",
        "图 1　总分",
        "二、建议",
        "2026年11月22日　　",
        paper().version_line(),
    ):
        assert expected in texts
    table = word.tables[0]
    assert len(table.rows) == 61
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.top_margin.mm)) == (210, 37)
    footer = section.footer._element.xml
    assert "PAGE" in footer and "—" in footer
    assert word.inline_shapes[0]._inline.docPr.get("descr") == "甲局 92.5 分，乙局无数据"


def test_a_title_is_divided_where_its_author_says(tmp_path: Path) -> None:
    # given a title whose second line begins with the period
    divided = paper(title="关于甲局\n2026年度权责清单运行情况的评估结论")
    # then Word and PDF break there, and the title of the file is one line
    word = docx.Document(io.BytesIO(render_docx(divided)))
    assert word.paragraphs[0].text == "关于甲局\n2026年度权责清单运行情况的评估结论"
    assert word.core_properties.title == "关于甲局2026年度权责清单运行情况的评估结论"
    lines = pdf_text(render_pdf(divided), tmp_path).splitlines()
    assert lines[0] == "关于甲局"


def test_the_version_line_never_stands_alone_on_a_page(tmp_path: Path) -> None:
    # given papers that end anywhere on their last page
    for lines in range(14, 26):
        text = pdf_text(render_pdf(paper(blocks=[Paragraph(f"第{n}段。") for n in range(lines)])), tmp_path)
        # then the page with the version line also has the date above it
        page = next(one for one in text.split("\f") if "内容摘要" in one)
        assert "11" in page.partition("内容摘要")[0], lines


def test_word_text_with_markup_characters_stays_text() -> None:
    odd = '甲 <b>&"#[x]$*_ 乙'
    word = docx.Document(io.BytesIO(render_docx(paper(blocks=[Paragraph(odd)]))))
    assert odd in [p.text for p in word.paragraphs]


def test_pdf_holds_every_part_as_text_even_with_markup_characters(tmp_path: Path) -> None:
    odd = "甲 #panic() $x$ *重点* <b> 乙"
    text = pdf_text(render_pdf(paper(blocks=[*paper().blocks, Paragraph(odd)])), tmp_path)
    squeezed = re.sub(r"\s", "", text)
    for expected in (
        "关于甲局权责清单运行情况的评估结论",
        "一、总体情况",
        "（一）得分",
        "表1",
        "各项得分",
        "—1—",
        "—2—",
        odd,
    ):
        assert re.sub(r"\s", "", expected) in squeezed
    assert squeezed.count("指标得分") >= 2, "the table header must be repeated on the second page"


def test_pdf_embeds_the_chinese_fonts() -> None:
    payload = render_pdf(paper())
    assert payload.startswith(b"%PDF-")
    assert b"NotoSerifSC" in payload and b"NotoSansSC" in payload


@pytest.mark.req("W-49")
@pytest.mark.parametrize("render", [render_docx, render_pdf])
def test_the_same_content_gives_the_same_bytes(render) -> None:
    assert render(paper()) == render(paper())


def test_word_bytes_do_not_carry_the_clock() -> None:
    with zipfile.ZipFile(io.BytesIO(render_docx(paper()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_charts_are_pictures_that_depend_on_the_data_alone() -> None:
    months = [f"{n}月" for n in range(1, 13)]
    first = charts.line("按月办件量", months, {"今年": [*range(11), None]}, unit="件")
    assert first.startswith(PNG_MAGIC)
    assert first == charts.line("按月办件量", months, {"今年": [*range(11), None]}, unit="件")
    assert first != charts.line("按月办件量", months, {"今年": list(range(12))}, unit="件")


@pytest.mark.parametrize(
    ("labels", "series", "message"),
    [
        ([], {"甲": []}, "没有数据"),
        (["一"], {}, "没有数据"),
        (["一", "二"], {"甲": [1]}, "系列“甲”有 1 个值，标签有 2 个"),
        (["一"], {str(n): [n] for n in range(6)}, "最多 5 个系列"),
    ],
)
def test_a_chart_refuses_data_that_does_not_fit(labels: list, series: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        charts.bar("题", labels, series)


def test_a_table_refuses_rows_of_the_wrong_width() -> None:
    with pytest.raises(ValueError, match="第 2 行有 1 格，表头有 2 格"):
        Table(["甲", "乙"], [["1", "2"], ["3"]])
