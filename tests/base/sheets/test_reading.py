"""读工作簿：子进程里解析，交回文字网格；子进程死了只算文件读不了。"""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from quanze.base.sheets.limits import DEFAULT_LIMITS
from quanze.base.sheets.reading import read_workbook
from quanze.core.errors import InvalidInput
from quanze.core.workbook import MergedRange


def refused(source, name: str = "清单.xlsx", **limits) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_workbook(source, name=name, limits=replace(DEFAULT_LIMITS, **limits))
    return caught.value


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """有偏移、数字、日期、合并、隐藏表的工作簿。"""
    path = tmp_path / "清单.xlsx"
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC).replace(tzinfo=None)
    with xlsxwriter.Workbook(path) as book:
        page, other = book.add_worksheet("甲"), book.add_worksheet("乙")
        other.hide()
        page.write(1, 1, "序号\n列")
        page.write(2, 1, 3.0)
        page.write(2, 2, 1.5)
        page.write(3, 1, 320583199001011234.0)
        page.write_boolean(3, 2, True)
        page.write_datetime(4, 1, date(2026, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_datetime(4, 2, moment, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        page.write_formula(5, 1, "=1+1", None, 2)
        page.merge_range(6, 1, 7, 2, "合并")
    return path


def test_cells_are_the_text_the_clerk_sees_at_their_places(workbook: Path):
    book = read_workbook(workbook)
    assert (book.name, book.format, [sheet.name for sheet in book.sheets]) == ("清单.xlsx", "xlsx", ["甲", "乙"])
    sheet = book.sheets[0]
    assert sheet.rows == (
        ("", "", ""),
        ("", "序号\n列", ""),
        ("", "3", "1.5"),
        ("", sheet.rows[3][1], "TRUE"),
        ("", "2026-03-01", "2026-03-01 09:30:00"),
        ("", "2", ""),
        ("", "合并", ""),
    )
    assert (sheet.rows[3][1][:15], len(sheet.rows[3][1])) == ("320583199001011", 18)
    assert sheet.merges == (MergedRange(6, 1, 7, 2),)
    assert sheet.rounded == ((3, 1),)
    assert [one.is_hidden for one in book.sheets] == [False, True]


def test_an_old_workbook_is_read_whatever_its_name(make_xls):
    book = read_workbook(make_xls([["序号", "事项名称"], ["1", "甲"]]), name="新名.xlsx")
    assert (book.format, book.sheets[0].name) == ("xls", "清单")
    assert book.sheets[0].rows == (("序号", "事项名称"), ("1", "甲"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_is_read_in_its_encoding_and_by_its_separator(encoding: str, separator: str):
    lines = [["序号", "事项名称"], ["1", "对违法㐀建设的\n处罚"]]
    text = "\r\n".join(separator.join(f'"{cell}"' if "\n" in cell else cell for cell in line) for line in lines)
    book = read_workbook(text.encode(encoding), name="清单.csv")
    assert book.format == "csv"
    assert book.sheets[0].rows == (("序号", "事项名称"), ("1", "对违法㐀建设的\n处罚"))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("序号,名称\r\n".encode() + "1,甲乙丙丁戊己庚辛\r\n".encode("gbk"), "ENCODING_UNSUPPORTED"),
        ("序号,名称\r\n".encode() + b"\xc0\xaf\xc0\xae,1\r\n", "ENCODING_UNSUPPORTED"),
        (b"a,b\r\nx\0y,1\r\n", "ENCODING_UNSUPPORTED"),
        (bytes(range(256)) * 16, "ENCODING_UNSUPPORTED"),
        (b'a,b\r\n"1,2\r\n3', "ROW_INVALID"),
        ("," * 1000, "SHEET_TOO_LARGE"),
        ("\n \r\n", "FILE_EMPTY"),
    ],
)
def test_a_csv_that_would_be_misread_is_refused(data: bytes | str, code: str):
    error = refused(data if isinstance(data, bytes) else data.encode(), "a.csv")
    assert error.code == code


def test_a_missing_file_and_a_folder_are_said_plainly(tmp_path: Path):
    assert refused(tmp_path / "没有.xlsx").code == "FILE_NOT_FOUND"
    assert refused(tmp_path).code == "FILE_NOT_FOUND"


def test_limits_on_rows_columns_sheets_and_merges_are_kept(tmp_path: Path):
    path = tmp_path / "大.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    page.title = "表一"
    for row in range(30):
        page.append([row] * 8)
    page.merge_cells("A1:B2")
    page.merge_cells("C1:D2")
    book.create_sheet("表二")
    book.save(path)
    for limits in ({"rows": 20}, {"columns": 5}, {"sheets": 1}, {"merges": 1}):
        assert refused(path, **limits).code == "SHEET_TOO_LARGE"
    assert len(read_workbook(path).sheets) == 2


def test_a_parser_that_runs_out_of_memory_time_or_output_only_loses_the_file(tmp_path: Path):
    path = tmp_path / "大.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for row in range(20_000):
            page.write_row(row, 0, [f"第 {row} 行第 {column} 列" for column in range(8)])
    before = set(Path("/proc/self/fd").iterdir())
    # Where memory ends decides how the parser dies: before it is loaded, in an abort, in a panic.
    short_of_memory = [{"memory_bytes": megabytes << 20} for megabytes in (16, 24, 32, 40, 44, 45, 46, 48, 56)]
    for limits in (*short_of_memory, {"wall_seconds": 0.01}, {"text_bytes": 1000}):
        assert refused(path, **limits).code == "SHEET_TOO_LARGE"
    # then nothing is left open and the same file is read as ever
    assert set(Path("/proc/self/fd").iterdir()) == before
    assert len(read_workbook(path).sheets[0].rows) == 20_000


def test_the_parser_is_never_loaded_into_the_callers_process(workbook: Path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from quanze.base.sheets.reading import read_workbook;"
        "read_workbook(sys.argv[2]); print('python_calamine' in sys.modules)"
    )
    source = str(Path(__file__).resolve().parents[3] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code, source, str(workbook)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
