"""一个城市公开的十份权责清单：项数、类型、依据，逐份核对。"""

import time
from collections import Counter
from pathlib import Path

import pytest

from quanze.apps.catalog.services.reading import read_list_file, reading_as_json
from quanze.core.listsheet.reading import ListReading

# file-name part → (format, main items, sub-items, items by type)
EXPECTED = {
    "统计局": ("xlsx", 3, 0, {"penalty": 2, "inspection": 1}),
    "消防": ("xls", 75, 0, {"license": 1, "penalty": 68, "coercion": 6}),
    "人力资源": ("xls", 100, 12, {"license": 6, "penalty": 76, "inspection": 14, "coercion": 2, "other": 2}),
    "住房和城乡": ("xls", 323, 8, {"license": 17, "penalty": 280, "inspection": 14, "other": 12}),
    "医疗保障": ("xls", 17, 0, {"penalty": 6, "coercion": 1, "inspection": 8, "reward": 1, "other": 1}),
    "发展和改革": (
        "xls",
        57,
        0,
        {"license": 3, "penalty": 24, "coercion": 2, "inspection": 21, "reward": 2, "other": 5},
    ),
    "档案局": ("xlsx", 12, 0, {"penalty": 1, "inspection": 1, "reward": 1, "other": 9}),
    "科学技术": ("xls", 4, 0, {"penalty": 1, "confirmation": 2, "other": 1}),
    "国动办": ("xlsx", 17, 2, {"inspection": 3, "license": 3, "levy": 1, "penalty": 5, "other": 5}),
    "农业农村": (
        "xls",
        310,
        0,
        {"license": 10, "coercion": 21, "penalty": 254, "levy": 1, "confirmation": 1, "reward": 2, "inspection": 17}
        | {"adjudication": 1, "other": 3},
    ),
}
NOT_NAMES = ("序号", "事项名称", "注", "备注", "合计", "说明", "填表人")


def reading_of(folder: Path, part: str) -> ListReading:
    (path,) = [path for path in (folder / "lists").iterdir() if part in path.name]
    return read_list_file(path=path)


@pytest.mark.parametrize("part", EXPECTED)
def test_each_published_list_gives_its_items_of_the_ten_types(shared_data: Path, part: str):
    kind, items, subitems, types = EXPECTED[part]
    reading = reading_of(shared_data, part)
    assert (reading.format, reading.item_count, reading.subitem_count) == (kind, items, subitems)
    assert Counter(item.power_type for item in reading.items) == types
    for item in reading.items:
        assert item.name
        assert "\n" not in item.name
        assert not item.name.startswith(NOT_NAMES)
        assert item.fields["basis_text"]
        assert item.citations or item.citations.unparsed, (item.sheet, item.row)
        assert item.responsibilities or "duty_text" not in item.fields
        assert item.raw
    assert not {w.code for w in reading.warnings} & {
        "row_not_understood",
        "stated_count_differs",
        "injected_text",
        "name_missing",
    }


def test_headers_are_found_where_they_stand_and_mapped(shared_data: Path):
    reading = reading_of(shared_data, "消防")
    assert (reading.sheets[0].header_row, len(reading.sheets[0].columns)) == (3, 26)
    by_field = {field: column for column, field in reversed(reading.sheets[0].columns.items())}
    assert {by_field[field] for field in ("seq", "name", "power_type", "power_code", "basis_text")} == {1, 4, 5, 6, 7}
    assert reading.items[0].fields["power_code"].isalnum()
    two_columns = reading_of(shared_data, "医疗保障").sheets[0]
    assert (two_columns.header_row, len(two_columns.columns)) == (2, 12)


def test_one_row_with_two_numbers_and_one_item_at_three_levels_are_one_item_each(shared_data: Path):
    reading = reading_of(shared_data, "农业农村")
    assert (reading.stated_count, reading.number_count) == (311, 311)
    (double,) = [item for item in reading.items if len(item.numbers) > 1]
    assert (double.sheet, double.row, double.numbers) == ("行政许可（11项）", 3, (2, 3))
    (levy,) = [item for item in reading.items if item.power_type == "levy"]
    assert [level.row for level in levy.levels] == [3, 4]
    assert [sheet.stated_count for sheet in reading.sheets] == [11, 21, 254, 1, 1, 2, 17, 1, 3]


def test_subitems_stand_under_their_main_item_with_their_own_basis(shared_data: Path):
    reading = reading_of(shared_data, "人力资源")
    school = reading.items[2]
    assert [(sub.row, sub.seq) for sub in school.subitems] == [(5, "1"), (6, "2"), (7, "3"), (8, "4"), (9, "5")]
    assert all(sub.citations and sub.power_type == "license" for sub in school.subitems)


def test_cells_wrapped_by_the_printed_column_are_put_together(shared_data: Path):
    reading = reading_of(shared_data, "统计局")
    for item in reading.items:
        assert item.fields["power_type"] in ("行政处罚", "行政检查")
        assert "\n" not in item.fields["level_split"]
        for clause in item.accountability:
            assert "\n" not in clause.text
    assert [len(item.accountability) for item in reading.items] == [10, 10, 10]


def test_most_citations_are_split_and_the_rest_is_said(shared_data: Path):
    readings = [reading_of(shared_data, part) for part in EXPECTED]
    cited = [one for reading in readings for item in reading.items for one in item.citations]
    unparsed = sum(len(item.citations.unparsed) for reading in readings for item in reading.items)
    with_article = sum(1 for one in cited if one.articles)
    assert len(cited) > 1600
    assert unparsed <= 5
    assert with_article / len(cited) > 0.97


def test_323_items_are_read_in_two_seconds(shared_data: Path):
    reading_of(shared_data, "统计局")  # packs and patterns are loaded once per process
    start = time.process_time()
    reading_of(shared_data, "住房和城乡")
    assert time.process_time() - start < 2


def test_the_json_form_has_the_promised_keys(shared_data: Path):
    found = reading_as_json(reading_of(shared_data, "国动办"))
    assert {
        "file",
        "format",
        "sheets",
        "header_row",
        "columns",
        "items",
        "subitems",
        "stated_count",
        "warnings",
    } <= found.keys()
    assert (found["items"], found["subitems"], found["stated_count"], found["header_row"]) == (17, 2, 17, 3)
    assert [sheet["items"] for sheet in found["sheets"]] == [3, 3, 1, 5, 5]
    assert len(found["details"]) == 17
