"""三定条款的读法：编号、部分、内设机构、各句职责，以及读不通时指出的位置。"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from quanze.apps.org.cli.directory import app
from quanze.apps.org.domain.mandate_clauses import ClauseKind, mandate_read
from quanze.core.errors import InvalidInput

TEXT = """云泽市农业农村局职能配置、内设机构和人员编制规定
第一条 根据《云泽市机构改革方案》和《云泽市农业农村局职能配置、内设机构和人员编制规定》，制定本规定。
第二条 云泽市农业农村局的主要职责是：
（一）负责农药经营许可；监督检查农药使用。
（二）指导农村宅基地管理。
第三条 云泽市农业农村局设下列内设机构：
（一）办公室。负责机关日常运转。
（二）执法监督科
承担行政处罚；
组织执法检查。
第四条 机关行政编制23名。
第五条 本规定由市委编办负责解释。
"""


def test_a_mandate_is_read_into_its_parts_and_numbers():
    reading = mandate_read(TEXT)

    assert reading.title == "云泽市农业农村局职能配置、内设机构和人员编制规定"
    assert [(each.line, each.path, each.kind.value, each.division) for each in reading.clauses] == [
        (2, "第一条", "general", ""),
        (3, "第二条", "duties", ""),
        (4, "第二条（一）", "duties", ""),
        (5, "第二条（二）", "duties", ""),
        (6, "第三条", "divisions", ""),
        (7, "第三条（一）", "divisions", "办公室"),
        (8, "第三条（二）", "divisions", "执法监督科"),
        (11, "第四条", "staffing", ""),
        (12, "第五条", "supplementary", ""),
    ]
    assert reading.defects == ()


def test_duties_are_cut_into_sentences_and_the_rest_is_not():
    said = {each.path: [one.text for one in each.sentences] for each in mandate_read(TEXT).clauses}

    assert said == {
        "第一条": [],
        "第二条": [],
        "第二条（一）": ["负责农药经营许可", "监督检查农药使用"],
        "第二条（二）": ["指导农村宅基地管理"],
        "第三条": [],
        "第三条（一）": ["负责机关日常运转"],
        "第三条（二）": ["承担行政处罚", "组织执法检查"],
        "第四条": [],
        "第五条": [],
    }


def test_the_older_numbering_goes_four_levels_deep():
    text = "一、主要职责\n（一）负责下列事项：\n1.许可\n（1）受理\n（2）决定\n2.检查2.5公里以内的场所\n二、内设机构\n（一）审批科：受理申请"

    clauses = mandate_read(text).clauses

    assert [each.path for each in clauses] == [
        "一、",
        "一、（一）",
        "一、（一）1.",
        "一、（一）1.（1）",
        "一、（一）1.（2）",
        "一、（一）2.",
        "二、",
        "二、（一）",
    ]
    assert clauses[5].text == "检查2.5公里以内的场所"
    assert clauses[-1].division == "审批科"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("只有一段话", [("mandate_without_numbers", None)]),
        ("一、主要职责\n（一）许可\n（三）检查", [("mandate_number_out_of_order", 3)]),
        ("一、主要职责\n（一）许可\n（一）检查", [("mandate_number_out_of_order", 3)]),
        ("一、主要职责\n1.许可", [("mandate_clause_without_parent", 2)]),
        ("一、主要职责\n（一）许可\n（二）", [("mandate_clause_empty", 3)]),
        ("一、主要职责\n（一）许可\n二、内设机构\n（一）办公室", [("mandate_division_without_duty", 4)]),
        ("一、人员编制\n（一）行政编制5名", [("mandate_without_duties", None)]),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, expected):
    reading = mandate_read(text, file="三定.docx")

    assert [(each.code, each.place.row) for each in reading.defects] == expected
    assert all(each.place.file == "三定.docx" for each in reading.defects)


@given(
    st.lists(st.text(alphabet="一二三、（）()123.．;；。：第条 　\n内设机构主要职责编制科", max_size=40), max_size=20)
)
def test_whatever_is_pasted_every_sentence_lies_where_it_says(lines):
    text = "一、主要职责\n" + "\n".join(lines)

    for clause in mandate_read(text).clauses:
        end = 0
        for one in clause.sentences:
            assert one.start >= end
            assert clause.text[one.start : one.end] == one.text != ""
            end = one.end
        # What two sentences leave out between them is only what separates sentences.
        if clause.kind is ClauseKind.DUTIES and clause.sentences:
            kept = clause.text
            for one in reversed(clause.sentences):
                kept = kept[: one.start] + kept[one.end :]
            assert set(kept) <= set("；;。\n \u3000")


@given(st.text(max_size=400))
def test_no_text_at_all_makes_the_reader_fail(text):
    reading = mandate_read(text)

    assert bool(reading.clauses) or [each.code for each in reading.defects] == ["mandate_without_numbers"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_command_shows_what_was_recognised(tmp_path, encoding):
    file = tmp_path / "三定.txt"
    file.write_bytes(TEXT.encode(encoding))

    result = CliRunner().invoke(app, ["mandate", str(file)])

    assert result.exit_code == 0
    assert "第三条（二） [内设机构] 内设机构：执法监督科\n    · 承担行政处罚\n    · 组织执法检查\n" in result.stdout
    assert result.stdout.endswith("共 9 条，6 句职责，0 处读不通。\n")


def test_the_command_names_the_line_that_cannot_be_read(tmp_path):
    file = tmp_path / "三定.txt"
    file.write_text("一、主要职责\n（一）许可\n（三）检查", encoding="utf-8")

    result = CliRunner().invoke(app, ["mandate", str(file)])

    assert result.exit_code == 2
    assert "文件“三定.txt”第 3 行：“（三）”不连续：此处应为第 2 项，请检查是否漏项、重号" in result.output


@pytest.mark.parametrize(
    ("name", "code"),
    [("三定.docx", "FILE_DAMAGED"), ("三定.txt", "mandate_not_text"), ("三定.pdf", "mandate_unreadable")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, code):
    file = tmp_path / name
    file.write_bytes(b"PK\x03\x04\xff\xff\xff")

    result = CliRunner().invoke(app, ["mandate", str(file)])

    assert isinstance(result.exception, InvalidInput)
    assert result.exception.code == code
