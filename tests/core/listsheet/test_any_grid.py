"""任何网格都读得完：不出错，位置都在表内，计数自洽。"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanze.core.listsheet.interpretation import read_power_list
from quanze.core.listsheet.reading import WARNINGS
from quanze.core.workbook import MergedRange, Sheet, Workbook

WORDS = [
    "序号",
    "事项名称",
    "子项",
    "权力类型",
    "实施依据",
    "责任事项",
    "1",
    "2",
    "3",
    "2,3",
    "1.1",
    "（一）",
    "一",
    "甲",
    "乙",
    "丙",
    "行政许可",
    "行政处罚（3项）",
    "一、行政强制",
    "合计",
    "注：",
    "无",
    "《甲法》第一条",
    "x\x00\u200b",
    "1.受理责任：a2.b",
    "第",
    "示例",
]
CELL = st.sampled_from(["", *WORDS]) | st.just("") | st.text(max_size=6)
HEADER = ("序号", "事项名称", "子项名称", "权力类型", "实施依据", "责任事项", "行使主体")


@st.composite
def sheets(draw) -> Sheet:
    width = draw(st.integers(1, 7))
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width).map(tuple), max_size=14))
    if draw(st.integers(0, 5)):
        # mostly a real header, so that the rows below it are read and not just passed over
        names = draw(st.permutations(HEADER))[:width]
        rows.insert(draw(st.integers(0, min(3, len(rows)))), tuple(names))
    corners = st.tuples(st.integers(0, 16), st.integers(0, 8), st.integers(0, 4), st.integers(0, 4))
    merges = [MergedRange(r, c, r + dr, c + dc) for r, c, dr, dc in draw(st.lists(corners, max_size=5))]
    return Sheet(draw(st.sampled_from(["Sheet1", "行政处罚（2项）", "其他", ""])), tuple(rows), tuple(merges))


@given(st.lists(sheets(), max_size=3))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_reading_never_fails_and_stays_within_the_grid(vocabulary, patterns, given_sheets: list[Sheet]):
    workbook = Workbook("任意.xlsx", "xlsx", tuple(given_sheets))
    reading = read_power_list(workbook, vocabulary, patterns)
    assert sum(sheet.items for sheet in reading.sheets) == reading.item_count
    assert sum(sheet.subitems for sheet in reading.sheets) == reading.subitem_count
    assert {warning.code for warning in reading.warnings} <= WARNINGS.keys()
    height = max((len(sheet.rows) for sheet in given_sheets), default=0)
    for item in reading.items:
        assert 1 <= item.row <= height
        assert item.power_type == "" or item.power_type_source
    for warning in reading.warnings:
        assert warning.row is None or 1 <= warning.row <= height
    # every row of a sheet that was read is an item, a part of one, or skipped with a reason
    for sheet, given_sheet in zip(reading.sheets, given_sheets, strict=True):
        if sheet.header_row:
            assert len({row.row for row in sheet.skipped}) == len(sheet.skipped) <= len(given_sheet.rows)


def test_cells_of_absurd_length_are_read_like_any_other(vocabulary, patterns):
    huge = "9" * 30_000
    rows = [
        ("序号", "事项名称", "权力类型", "实施依据"),
        (huge, huge, huge, huge),
        ("1", "长" * 30_000, "行政许可", "（" * 30_000),
    ]
    reading = read_power_list(Workbook("长.xlsx", "xlsx", (Sheet(huge, tuple(rows)),)), vocabulary, patterns)
    assert [len(item.name) for item in reading.items] == [30_000]
