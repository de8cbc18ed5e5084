"""名录工作簿：空白表，与只查不写的核对。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localdate

from quanze.apps.org.domain.directory_layout import EXAMPLES, HELP, LAYOUTS, choices_of, read_directory
from quanze.apps.org.domain.people_plan import DirectoryPlan, plan_directory
from quanze.apps.org.domain.sheets import ReadRow
from quanze.apps.org.selectors.loading import present_directory, require_loader
from quanze.base.sheets.blanks import GUIDE_SHEET, VALUES_SHEET, BlankColumn, BlankSheet, write_blank_workbook
from quanze.base.sheets.limits import MIB, SheetLimits
from quanze.base.sheets.reading import read_workbook
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput

# A county with 150 bodies and 5,000 people is 300 kB; what is larger is no directory.
LIMITS = SheetLimits(file_bytes=8 * MIB, rows=20_000, columns=64, sheets=30)


@dataclass(frozen=True, slots=True)
class CheckedDirectory:
    """查过的名录：计划（含缺陷）、说明、读得的各行。"""

    plan: DirectoryPlan
    notes: tuple[str, ...]
    rows: Mapping[str, list[ReadRow]]


INTRODUCTION = (
    "各表第三行是示例，载入时略过；表头带颜色的为必填。可以只填其中几张表，表中没有写到的机构和人员不受影响。",
    "同一文件再次载入不会重复建立。机构凭编码、人员凭登录名认出；其他各处写编码、名称或简称都可以，不唯一时须写编码。",
    "账号建立时没有口令，载入后可一次取得全部开通链接。角色须由另一位管理员一次确认后才生效；三员不能由表格授予。",
)


def directory_template() -> bytes:
    """空白的名录工作簿：说明、五张表（各一行示例）、可选值。"""
    sheets = [
        BlankSheet(
            layout.name,
            f"{layout.name}（名录载入）",
            [
                BlankColumn(
                    header=field.header,
                    help=HELP[layout.key, field.key],
                    width=max(12.0, len(field.header) * 2.4 + 2),
                    choices=choices_of(layout.key, field.key),
                    is_open=field.key in ("roles", "functions"),
                    is_required=field.is_required,
                    example=EXAMPLES[layout.key].get(field.key, ""),
                )
                for field in layout.fields
            ],
        )
        for layout in LAYOUTS
    ]
    return write_blank_workbook(sheets, introduction=INTRODUCTION)


def directory_check(*, actor: Actor, data: bytes, name: str, now: datetime) -> CheckedDirectory:
    """只查不写：读工作簿，对照现有名录，列出全部缺陷与变动。"""
    require_loader(actor)
    workbook = read_workbook(data, name=name, limits=LIMITS)
    rows, reading = read_directory(workbook, skipped=(GUIDE_SHEET, VALUES_SHEET))
    today = localdate(now)
    plan = plan_directory(rows, present_directory(today=today), today=today)
    if not any(rows.values()) and not reading.defects:
        raise InvalidInput(
            "五张表里一行也没有填写", hint=f"请在{'、'.join(each.name for each in LAYOUTS)}表中填写。", code="rows_none"
        )
    order = {sheet.name: index for index, sheet in enumerate(workbook.sheets)}
    defects = sorted(
        {*reading.defects, *plan.defects},
        key=lambda each: (order.get(each.place.sheet, -1), each.place.row or 0, each.place.column or 0, each.code),
    )
    return CheckedDirectory(DirectoryPlan(plan.changes, tuple(defects)), reading.notes, rows)
