"""没有表头的表：说清哪一行最像、缺什么。"""

import pytest


def told(reading) -> list[tuple[str, int | None, str]]:
    return [(warning.code, warning.row, warning.message) for warning in reading.warnings]


@pytest.mark.parametrize(
    ("rows", "row", "message"),
    [
        (
            [["某局"], ["序号", "实施依据", "备注"], ["1", "x", ""]],
            2,
            "第 2 行最像表头，认出“序号”、“实施依据”、“备注”，但没有“事项名称”（或职权名称）一栏，没有读",
        ),
        (
            [["事项名称", "备注"], ["甲", ""]],
            1,
            "第 1 行最像表头，认出“事项名称”、“备注”，但还要有另外的栏目，如“职权类型”“实施依据”，没有读",
        ),
        (
            [*([f"说明{n}"] for n in range(13)), ["序号", "事项名称", "职权类型"], ["1", "甲", "行政许可"]],
            14,
            "表头在第 14 行，而只在前 12 个有字的行里找，没有读；请删去或合并表头上面的行",
        ),
        ([["只有一句话"]], None, "前 12 行里没有找到表头，没有读；表头至少要有“事项名称”和另外两栏"),
    ],
)
def test_the_row_that_comes_nearest_is_named_with_what_it_lacks(read, rows, row, message):
    assert told(read(rows)) == [("sheet_without_list", row, message)]
