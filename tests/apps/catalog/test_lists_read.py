"""quanze lists read：真文件进，结果或说得清的错误出。"""

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from quanze.apps.catalog.cli import app
from quanze.apps.catalog.services.reading import read_list_file
from quanze.core.errors import InvalidInput

ROWS = [
    ["某镇权责清单（共2项）"],
    ["序号", "权力类型", "项目编码", "项目名称", "子项", "实施依据", "责任事项", "追责情形"],
    [
        1,
        "行政许可",
        "XK-001",
        "设立农家乐许可",
        "1.新办",
        "【法规】《甲条例》第一条：应当许可。",
        "1.受理责任：收件。",
        "1.不受理的；\n2.乱收费的。",
    ],
    [None, None, None, None, "2.变更", "【法规】《甲条例》第二条：变更的。", "1.受理责任：收件。", "1.不受理的。"],
    [2, "行政处罚", "CF-001", "对乱倒垃圾的处罚", None, "《乙法》第三条", "1.立案责任：查。", "1.乱罚的。"],
    ["注：以公布为准"],
]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """安徽式的镇清单，序号与名称纵向合并。"""
    path = tmp_path / "某镇权责清单.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    for row in ROWS:
        page.append(row)
    for merge in ("A1:H1", "A3:A4", "B3:B4", "C3:C4", "D3:D4"):
        page.merge_cells(merge)
    book.create_sheet("Sheet2")
    book.save(path)
    return path


def run(*arguments: str | Path):
    return CliRunner().invoke(app, ["read", *map(str, arguments)])


def test_a_file_is_read_into_items_columns_and_warnings(workbook: Path):
    done = run(workbook, "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (found["file"], found["format"], found["items"], found["subitems"], found["stated_count"]) == (
        "某镇权责清单.xlsx",
        "xlsx",
        2,
        2,
        2,
    )
    assert found["columns"]["4"] == "name"
    assert [warning["code"] for warning in found["warnings"]] == ["empty_sheet"]
    first = found["details"][0]
    assert (first["name"], first["power_type"], [sub["name"] for sub in first["subitems"]]) == (
        "设立农家乐许可",
        "license",
        ["新办", "变更"],
    )
    assert first["citations"]["parsed"][0]["quote"] == "应当许可。"
    assert first["raw"]["项目编码"] == "XK-001"


def test_the_table_for_people_names_counts_and_columns(workbook: Path):
    done = run(workbook)
    assert done.exit_code == 0
    assert "某镇权责清单.xlsx（xlsx）：2 项，子项 2，写明 2 项" in done.stdout
    assert "项目名称→事项名称" in done.stdout.replace("\n", "").replace("│", "").replace(" ", "")


def test_a_single_bad_file_ends_with_2_and_says_what_to_do(tmp_path: Path):
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"PK\x03\x04 not a workbook")
    done = run(bad)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "坏.xlsx" in done.stderr
    assert "FILE_CORRUPT" in done.stderr
    assert "另存为" in done.stderr


def test_one_bad_file_does_not_stop_the_others(workbook: Path, tmp_path: Path):
    done = run(tmp_path / "没有.xlsx", workbook, "--json")
    assert done.exit_code == 1
    bad, good = json.loads(done.stdout)
    assert (bad["file"], bad["error"]["code"]) == ("没有.xlsx", "FILE_NOT_FOUND")
    assert good["items"] == 2
    assert "FILE_NOT_FOUND" in done.stderr


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["只有一句话"]], "HEADER_INVALID"),
        ([["序号", "事项名称", "实施依据"]], "ROW_NONE"),
        ([["类型", "数量"], ["行政许可", 3]], "HEADER_INVALID"),
    ],
)
def test_a_workbook_without_a_list_is_an_error_that_names_file_and_sheet(tmp_path: Path, rows, code: str):
    path = tmp_path / "别的.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "表甲"
    for row in rows:
        book.active.append(row)
    book.save(path)
    with pytest.raises(InvalidInput) as caught:
        read_list_file(path=path)
    error = caught.value
    assert error.code == code
    assert error.place is not None
    assert (error.place.file, error.place.sheet) == ("别的.xlsx", "表甲")
    assert error.hint


def test_bytes_from_an_upload_are_read_under_their_own_name(workbook: Path):
    reading = read_list_file(data=workbook.read_bytes(), name="上传.xls")
    assert (reading.file, reading.format, reading.item_count) == ("上传.xls", "xlsx", 2)


def test_a_csv_list_from_a_chinese_excel_is_read(tmp_path: Path):
    path = tmp_path / "清单.csv"
    path.write_bytes(
        "序号,职权名称,职权类别,设定依据\r\n1,对乱倒垃圾的处罚,行政处罚,《乙法》第三条\r\n".encode("gb18030")
    )
    reading = read_list_file(path=path)
    assert [(item.name, item.power_type) for item in reading.items] == [("对乱倒垃圾的处罚", "penalty")]


def test_reading_needs_no_database_and_no_settings(workbook: Path):
    import subprocess
    import sys

    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from quanze.apps.catalog.services.reading import read_list_file;"
        "print(read_list_file(path=sys.argv[2]).item_count, 'django' in sys.modules, 'python_calamine' in sys.modules)"
    )
    source = str(Path(__file__).resolve().parents[3] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code, source, str(workbook)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["2", "False", "False"]
