"""预览：读表、预先检查、与现有清单对照，什么也不写。Used by the background job, the page and the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quanze.apps.catalog.domain.difference import Difference, EntryKind, compare
from quanze.apps.catalog.domain.import_rows import incoming_of, raw_cells, row_as_json, row_from_json
from quanze.apps.catalog.selectors import imports as selectors
from quanze.apps.catalog.services.file_checking import CheckReport, check_reading
from quanze.apps.catalog.services.reading import header_vocabulary, read_list_file
from quanze.core.lint import SEVERITY_LABELS
from quanze.core.listsheet.reading import ListReading

Progress = Callable[[int, int, str], None]


def _silent(done: int, total: int, message: str) -> None:
    """没有人看进度。"""


def reading_of_upload(*, name: str, data: bytes, progress: Progress = _silent) -> dict[str, Any]:
    """读一个上传的文件：逐表情况、提示、各行、预先检查的结果。Pure of the database; raises InvalidInput."""
    progress(0, 3, "正在读取工作表")
    reading = read_list_file(data=data, name=name)
    progress(1, 3, f"读到 {reading.item_count} 项，正在检查")
    report = check_reading(reading)
    cells = raw_cells(reading)
    return {
        "summary": _summary(reading),
        "findings": [
            {
                "code": code,
                "severity": severity,
                "label": SEVERITY_LABELS[severity],
                "count": sum(f.code == code and f.severity == severity for f in report.findings),
            }
            for severity, code in sorted(
                {(f.severity, f.code) for f in report.findings}, key=lambda pair: (pair[0].rank, pair[1])
            )
        ],
        "row_findings": _row_findings(report),
        "rows": [row_as_json(row, cells[row.key]) for row in incoming_of(reading)],
    }


def _row_findings(report: CheckReport) -> dict[str, list[str]]:
    """检查发现按行：键 → “错误 S001：……”。"""
    found: dict[str, list[str]] = {}
    for one in report.findings:
        if one.key:
            found.setdefault(one.key, []).append(f"{SEVERITY_LABELS[one.severity]} {one.code}：{one.message}")
    return found


def _summary(reading: ListReading) -> dict[str, Any]:
    vocabulary = header_vocabulary()
    return {
        "format": reading.format,
        "items": reading.item_count,
        "subitems": reading.subitem_count,
        "numbers": reading.number_count,
        "stated": reading.stated_count,
        "sheets": [
            {
                "name": sheet.name,
                "title": sheet.title,
                "header_row": sheet.header_row,
                "items": sheet.items,
                "subitems": sheet.subitems,
                "numbers": sheet.numbers,
                "stated": sheet.stated_count,
                "columns": [
                    {"column": column, "header": sheet.headers.get(column, ""), "field": vocabulary.spec(field).label}
                    for column, field in sheet.columns.items()
                ],
                "unread_columns": [
                    header for column, header in sheet.headers.items() if column not in sheet.columns and header
                ],
                "skipped": [
                    {"row": row.row, "reason": row.reason, "text": row.text[:200]}
                    for row in sheet.skipped
                    if row.reason not in ("blank", "header", "title")
                ],
            }
            for sheet in reading.sheets
        ],
        "warnings": [
            {"code": w.code, "sheet": w.sheet, "row": w.row, "column": w.column, "message": w.message}
            for w in reading.warnings
        ],
    }


def difference_as_json(found: Difference, base: str) -> dict[str, Any]:
    """对照的 JSON 形态；``base`` 是对照时清单的指纹。"""
    return {
        "base": base,
        "counts": {
            **{kind.value: found.count(kind) for kind in EntryKind},
            "missing": len(found.missing),
            "questioned": sum(entry.kind is not EntryKind.UNCHANGED for entry in found.questioned),
            "blocked": sum(bool(entry.blocked) for entry in found.entries),
            "overwriting": len(found.overwriting),
        },
        "entries": [
            {
                "key": entry.key,
                "kind": entry.kind.value,
                "item_id": entry.item_id,
                "is_sub": entry.parent_key is not None,
                "name": entry.content.name,
                "seq": entry.content.seq,
                "power_type": entry.content.power_type,
                "place": entry.place,
                "doubts": list(entry.doubts),
                "blocked": entry.blocked,
                "overwrites_draft": entry.overwrites_draft and not entry.blocked,
                "changes": [{"field": c.field, "label": c.label, "old": c.old, "new": c.new} for c in entry.changes],
            }
            for entry in found.entries
        ],
        "missing": [
            {
                "item_id": held.item_id,
                "name": held.content.name,
                "power_type": held.content.power_type,
                "is_in_force": held.is_in_force,
                "is_locked": held.is_locked,
            }
            for held in found.missing
        ],
    }


def difference_with_list(reading: dict[str, Any], *, list_id: int | None) -> dict[str, Any]:
    """读取结果与一份清单的对照（JSON 形态）；没有清单则全是新增。The caller has checked that the list may be seen."""
    existing, versions = selectors.existing_items(list_id=list_id) if list_id is not None else ((), {})
    found = compare(existing, [row_from_json(row) for row in reading["rows"]])
    return difference_as_json(found, selectors.fingerprint(list(versions.values())))
