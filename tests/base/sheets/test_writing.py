"""写工作簿与 CSV：版式合办事员的习惯，公式注入进不去，读回来一字不差。"""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanze.base.sheets.reading import read_workbook
from quanze.base.sheets.writing import Column, TableSheet, is_formula_like, write_csv, write_table

COLUMNS = [
    Column("序号", 6, "number"),
    Column("事项名称", 30),
    Column("日期", 12, "date"),
    Column("比例", 8, "percent"),
]
DANGEROUS = ["=1+1", "+cmd", "-2+3", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "\ufeff=1", " =1", "'=1", '"=1']


def table(rows, **more) -> bytes:
    return write_table(TableSheet("权责清单", COLUMNS, rows, **more))


def test_a_table_reads_back_as_written_with_title_header_total_and_footer():
    data = table(
        [[1, "甲\n乙", date(2026, 3, 1), Decimal("0.5")], [2, "001", datetime(2026, 3, 1, 9, 30, tzinfo=UTC), None]],
        title="某局权责清单",
        subtitle="截至 2026 年",
        total=[None, "合计", None, 0.75],
        footers=["填表人：　　审核人："],
    )
    assert read_workbook(data, name="a.xlsx").sheets[0].rows == (
        ("某局权责清单", "", "", ""),
        ("截至 2026 年", "", "", ""),
        ("序号", "事项名称", "日期", "比例"),
        ("1", "甲\n乙", "2026-03-01", "0.5"),
        ("2", "001", "2026-03-01 09:30:00", ""),
        ("", "合计", "", "0.75"),
        ("填表人：　　审核人：", "", "", ""),
    )


def test_the_sheet_prints_on_a3_across_with_the_header_on_each_page():
    page = openpyxl.load_workbook(io.BytesIO(table([[1, "甲", None, None]], title="题"))).active
    assert (page.page_setup.paperSize, page.page_setup.orientation) in ((8, "landscape"), ("8", "landscape"))
    assert (page.freeze_panes, page.print_title_rows) == ("A3", "$2:$2")
    assert page.print_area.endswith("$A$1:$D$3")
    assert page["B3"].alignment.wrap_text
    assert page.column_dimensions["B"].width > 29


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_looks_like_a_formula_is_stored_as_text(text: str):
    page = openpyxl.load_workbook(io.BytesIO(table([[1, text, None, None]]))).active
    assert page["B2"].data_type == "s"
    assert page["B2"].quotePrefix


@pytest.mark.parametrize("text", ["-", "-5", "+3.5", "12%", "甲=乙", "http://x", "2026-03-01", ""])
def test_harmless_text_is_left_as_it_is(text: str):
    assert not is_formula_like(text)
    assert write_csv(["a"], [[text, "x"]]).decode("utf-8-sig").splitlines()[1] == f"{text},x"


@pytest.mark.parametrize("text", DANGEROUS)
def test_csv_cells_that_look_like_formulas_get_an_apostrophe(text: str):
    (_, row) = csv.reader(io.StringIO(write_csv(["a"], [[text]]).decode("utf-8-sig"), newline=""))
    assert row[0].startswith("'")


def test_control_characters_and_overlong_text_do_not_break_the_file():
    data = table([[1, "甲\x00\x0b乙" + "长" * 40_000, None, None]])
    text = read_workbook(data, name="a.xlsx").sheets[0].rows[1][1]
    assert text.startswith("甲乙长")
    assert len(text) == 32_767
    assert text.endswith("（超出单元格长度，未完）")


def test_sheet_names_are_made_lawful_and_different():
    sheets = [TableSheet(name, COLUMNS, []) for name in ("行政许可[1]", "行政许可[1]", "长" * 40, "长" * 40, "")]
    names = [sheet.name for sheet in read_workbook(write_table(sheets), name="a.xlsx").sheets]
    assert names == ["行政许可_1_", "行政许可_1_(2)", "长" * 31, "长" * 28 + "(2)", "Sheet"]


def test_the_same_content_with_a_given_time_gives_the_same_bytes(tmp_path):
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    one, other = (write_table(TableSheet("a", COLUMNS, [[1, "甲", None, None]]), created=moment) for _ in range(2))
    assert one == other
    assert write_table(TableSheet("a", COLUMNS, [[1, "甲", None, None]]), tmp_path / "a.xlsx", created=moment) == b""
    assert (tmp_path / "a.xlsx").read_bytes() == one


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=40),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=15, deadline=None)
def test_any_text_survives_writing_and_reading(texts: list[str]):
    columns = [Column(f"列{n}") for n in range(len(texts))]
    sheet = read_workbook(write_table(TableSheet("a", columns, [texts])), name="a.xlsx").sheets[0]
    assert list(sheet.rows[1]) == texts if any(texts) else len(sheet.rows) == 1
