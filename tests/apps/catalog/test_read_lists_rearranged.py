"""同一份清单换一种摆法——栏目换序、左边空列、上面加行、每页重复表头、另存为 xlsx 或 CSV——读到的事项不变。"""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from quanze.apps.catalog.services.reading import header_vocabulary, injection_patterns, read_list_file
from quanze.base.sheets.reading import read_workbook
from quanze.base.sheets.writing import Column, TableSheet, write_csv, write_table
from quanze.core.listsheet.interpretation import read_power_list
from quanze.core.workbook import MergedRange, Sheet, Workbook

LISTS = ("统计局", "消防", "人力资源", "医疗保障", "发展和改革", "档案局", "科学技术", "国动办", "农业农村")


def names(workbook: Workbook) -> list[tuple[str, str, tuple[str, ...]]]:
    reading = read_power_list(workbook, header_vocabulary(), injection_patterns())
    return [(item.name, item.power_type, tuple(sub.name for sub in item.subitems)) for item in reading.items]


def width(sheet: Sheet) -> int:
    return max((len(row) for row in sheet.rows), default=0)


def moved(merge: MergedRange, *, down: int = 0, right: int = 0) -> MergedRange:
    return MergedRange(
        merge.first_row + down, merge.first_column + right, merge.last_row + down, merge.last_column + right
    )


def columns_in_another_order(sheet: Sheet) -> Sheet:
    """栏目随机换序；横跨几栏的表头所在的几栏一起走。"""
    blocks: list[list[int]] = []
    joined = {
        c for m in sheet.merges if m.first_row < 12 and m.last_column - m.first_column == 1 for c in [m.last_column]
    }
    for column in range(width(sheet)):
        header_is_blank = not any(row[column].strip() for row in sheet.rows[:3])
        if blocks and (column in joined or header_is_blank):
            blocks[-1].append(column)
        else:
            blocks.append([column])
    random.Random(7).shuffle(blocks)
    order = [column for block in blocks for column in block]
    to = {old: new for new, old in enumerate(order)}
    merges = tuple(
        MergedRange(m.first_row, to[m.first_column], m.last_row, to[m.first_column] + m.last_column - m.first_column)
        for m in sheet.merges
        if m.last_column < len(order) and m.last_column - m.first_column <= 1
    )
    return replace(sheet, rows=tuple(tuple(row[old] for old in order) for row in sheet.rows), merges=merges)


def an_empty_column_at_the_left(sheet: Sheet) -> Sheet:
    rows = tuple(("", *row) for row in sheet.rows)
    return replace(sheet, rows=rows, merges=tuple(moved(m, right=1) for m in sheet.merges))


def four_more_rows_above(sheet: Sheet) -> Sheet:
    pad = ("",) * max(0, width(sheet) - 1)
    above = (("附件2", *pad), ("", *pad), ("某市各部门权力清单和责任清单", *pad), ("填报单位：某局", *pad))
    return replace(sheet, rows=(*above, *sheet.rows), merges=tuple(moved(m, down=4) for m in sheet.merges))


def notes_below(sheet: Sheet) -> Sheet:
    pad = ("",) * max(0, width(sheet) - 1)
    return replace(sheet, rows=(*sheet.rows, ("", *pad), ("注：本清单以正式公布为准。", *pad), ("填表人：", *pad)))


def merges_lost(sheet: Sheet) -> Sheet:
    """合并信息丢失（经 CSV 一类的中转）。"""
    return replace(sheet, merges=())


@pytest.mark.parametrize("part", LISTS)
@pytest.mark.parametrize(
    "change",
    [columns_in_another_order, an_empty_column_at_the_left, four_more_rows_above, notes_below, merges_lost],
    ids=lambda change: change.__name__,
)
def test_a_rearranged_list_gives_the_same_items(shared_data: Path, part: str, change: Callable[[Sheet], Sheet]):
    (path,) = [path for path in (shared_data / "lists").iterdir() if part in path.name]
    workbook = read_workbook(path)
    changed = replace(workbook, sheets=tuple(change(sheet) if sheet.rows else sheet for sheet in workbook.sheets))
    assert names(changed) == names(workbook)


@pytest.mark.parametrize("part", ["人力资源", "国动办"])
def test_a_list_saved_again_as_xlsx_or_csv_gives_the_same_items(shared_data: Path, part: str):
    (path,) = [path for path in (shared_data / "lists").iterdir() if part in path.name]
    workbook = read_workbook(path)
    tables = [
        TableSheet(sheet.name, [Column(text) for text in sheet.rows[0]], sheet.rows[1:]) for sheet in workbook.sheets
    ]
    saved = read_list_file(data=write_table(tables), name="另存.xlsx")
    assert [item.name for item in saved.items] == [name for name, _, _ in names(workbook)]
    if len(tables) == 1:
        text = write_csv(workbook.sheets[0].rows[0], workbook.sheets[0].rows[1:])
        assert read_list_file(data=text, name="另存.csv").item_count == len(saved.items)
