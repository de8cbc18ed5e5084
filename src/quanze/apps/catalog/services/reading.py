"""读清单文件：预检与解析（base.sheets）、按资料包的用语解释（core.listsheet）。不碰数据库。

The door of every reading: CLI, import page, check of a file. It raises InvalidInput when the file cannot be read or
holds no power list; everything less is a warning in the result.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.selectors.pack_files import PACK_FOLDER, read_pack
from quanze.base.sheets.limits import DEFAULT_LIMITS, SheetLimits
from quanze.base.sheets.reading import read_workbook
from quanze.core.errors import ErrorPlace, InvalidInput
from quanze.core.lawtext.citations import SplitText
from quanze.core.listsheet.hygiene import InjectionPatterns
from quanze.core.listsheet.interpretation import read_power_list
from quanze.core.listsheet.reading import ListReading, ReadItem, ReadSubitem, SheetReading
from quanze.core.listsheet.vocabulary import HeaderVocabulary


@cache
def header_vocabulary() -> HeaderVocabulary:
    """读表用语（headers.yaml、fields.yaml 与 power_types.yaml）。"""
    headers = read_pack(PACK_FOLDER / "headers.yaml")
    known = {entry["code"] for entry in headers["fields"]}
    further = [
        {
            "code": one.key,
            "label": one.label,
            "kind": "long" if one.kind in ("long", "rows", "choices") else "short",
            "headers": [one.label, *one.headers],
        }
        for one in FIELDS.fields
        if one.key not in known
    ]
    return HeaderVocabulary.from_packs(
        {**headers, "fields": [*headers["fields"], *further]},
        read_pack(PACK_FOLDER / "power_types.yaml")["types"],
    )


@cache
def injection_patterns() -> InjectionPatterns:
    """混入文字的识别模式（injections.yaml）。"""
    return InjectionPatterns.from_pack(read_pack(PACK_FOLDER / "injections.yaml"))


def read_list_file(
    *,
    path: Path | str | None = None,
    data: bytes | None = None,
    name: str = "",
    limits: SheetLimits = DEFAULT_LIMITS,
) -> ListReading:
    """读一个清单文件。Give ``path``, or ``data`` with the file's ``name``.

    Raises InvalidInput: a code of base.sheets.refusals, or HEADER_INVALID (no header in any sheet), ROW_NONE (no item).
    """
    source = data if data is not None else path
    if source is None:
        raise ValueError("path or data must be given")
    workbook = read_workbook(source, name=name, limits=limits)
    reading = read_power_list(workbook, header_vocabulary(), injection_patterns())
    _require_items(reading)
    return reading


def _require_items(reading: ListReading) -> None:
    if reading.items:
        return
    headed = next((sheet for sheet in reading.sheets if sheet.header_row is not None), None)
    if headed is None:
        near = next((warning for warning in reading.warnings if warning.row is not None), None)
        first = reading.sheets[0].name if reading.sheets else ""
        raise InvalidInput(
            f"没有找到权责清单的表头：{near.message}"
            if near
            else "没有找到权责清单的表头：各工作表的前 12 行里都没有“事项名称”（或职权名称）一栏和另外两栏",
            hint="请确认选对了文件；表头须是单独一行，写明序号、事项名称、职权类型、实施依据等栏目。隐藏的工作表请先取消隐藏。",
            code="HEADER_INVALID",
            place=ErrorPlace(file=reading.file, sheet=near.sheet if near else first, row=near.row if near else None),
        )
    raise InvalidInput(
        "有表头而没有数据：没有读到一个事项",
        hint="请确认表头之下填有事项，每项的名称写在“事项名称”一栏。",
        code="ROW_NONE",
        place=ErrorPlace(file=reading.file, sheet=headed.name, row=headed.header_row),
    )


def reading_as_json(reading: ListReading) -> dict[str, Any]:
    """读取结果的 JSON 形态（CLI --json 与 API 共用）。

    ``items`` and ``subitems`` are counts; ``details`` lists the items. ``header_row`` and ``columns`` at the top are
    those of the first sheet with items; each entry of ``sheets`` has its own.
    """
    main = next((sheet for sheet in reading.sheets if sheet.items), reading.sheets[0] if reading.sheets else None)
    return {
        "file": reading.file,
        "format": reading.format,
        "items": reading.item_count,
        "subitems": reading.subitem_count,
        "numbers": reading.number_count,
        "stated_count": reading.stated_count,
        "header_row": main.header_row if main else None,
        "columns": _columns(main) if main else {},
        "sheets": [_sheet(sheet) for sheet in reading.sheets],
        "warnings": [
            {"code": w.code, "sheet": w.sheet, "row": w.row, "column": w.column, "message": w.message}
            for w in reading.warnings
        ],
        "details": [_item(item) for item in reading.items],
    }


def _columns(sheet: SheetReading) -> dict[str, str]:
    return {str(column): field for column, field in sheet.columns.items()}


def _sheet(sheet: SheetReading) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "title": sheet.title,
        "header_row": sheet.header_row,
        "headers": {str(column): header for column, header in sheet.headers.items()},
        "columns": _columns(sheet),
        "items": sheet.items,
        "subitems": sheet.subitems,
        "numbers": sheet.numbers,
        "stated_count": sheet.stated_count,
        "skipped": [
            {"row": row.row, "reason": row.reason, "text": row.text} for row in sheet.skipped if row.reason != "blank"
        ],
    }


def _item(item: ReadItem) -> dict[str, Any]:
    return {
        "sheet": item.sheet,
        "row": item.row,
        "seq": item.seq,
        "numbers": list(item.numbers),
        "name": item.name,
        "power_type": item.power_type,
        "power_type_source": item.power_type_source,
        "fields": dict(item.fields),
        "raw": dict(item.raw),
        "levels": [{"row": level.row, "fields": dict(level.fields)} for level in item.levels],
        "citations": _citations(item.citations),
        "duty_citations": _citations(item.duty_citations),
        "accountability_citations": _citations(item.accountability_citations),
        **_parts(item),
        "subitems": [
            {
                "row": sub.row,
                "seq": sub.seq,
                "name": sub.name,
                "power_type": sub.power_type,
                "fields": dict(sub.fields),
                "raw": dict(sub.raw),
                "citations": _citations(sub.citations),
                **_parts(sub),
            }
            for sub in item.subitems
        ],
    }


def _parts(item: ReadItem | ReadSubitem) -> dict[str, Any]:
    return {
        "responsibilities": [
            {"group": duty.group, "number": duty.number, "stage": duty.stage, "text": duty.text}
            for duty in item.responsibilities
        ],
        "accountability": [{"number": clause.number, "text": clause.text} for clause in item.accountability],
    }


def _citations(cited: SplitText) -> dict[str, Any]:
    return {
        "parsed": [
            {
                "law": one.law,
                "locator": one.locator,
                "quote": one.quote,
                "document_number": one.document_number,
                "kind_label": one.kind_label,
                "span": list(one.span),
            }
            for one in cited
        ],
        "unparsed": [list(span) for span in cited.unparsed],
    }
