"""读到的表格化为待对照的各行：内容、表中有的要素、存疑之处与位置。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanze.apps.catalog.domain.difference import Incoming, carried_fields, content_as_json, content_from_json
from quanze.apps.catalog.domain.read_items import snapshots_of, unread
from quanze.core.listsheet.reading import ListReading, ReadWarning

# Warnings that put an item itself in doubt: it is shown and stays out unless somebody has looked and ticked it.
QUESTIONED = frozenset(
    {
        "seq_several",
        "seq_repeated",
        "item_repeated",
        "name_missing",
        "power_type_missing",
        "power_type_unknown",
        "injected_text",
        "number_rounded",
    }
)
# What is wrong with most rows is a matter of the column, not of the rows; then it is said once, as a warning of the file.
MOST = 0.5


def incoming_of(reading: ListReading) -> tuple[Incoming, ...]:
    """待对照的各行，按表的次序，主项在其子项之前。"""
    columns = {sheet.name: frozenset(sheet.columns.values()) for sheet in reading.sheets}
    doubts = _doubts(reading)
    rows = {f"{item.sheet}!{item.row}": item for item in reading.items}
    found: list[Incoming] = []
    for snapshot in snapshots_of(reading):
        item = rows[snapshot.parent_key or snapshot.key]
        is_sub = snapshot.parent_key is not None
        fields = item.fields if not is_sub else item.subitems[int(snapshot.key.rpartition("#")[2]) - 1].fields
        unclear = unread(fields)
        # A sub-item that is only named within the row of its main item carries nothing else.
        has_own_cells = not is_sub or bool(fields)
        found.append(
            Incoming(
                key=snapshot.key,
                content=snapshot.content,
                carried=carried_fields(
                    columns.get(item.sheet, frozenset()) if has_own_cells else (),
                    has_type=bool(snapshot.content.power_type) and has_own_cells,
                )
                - unclear.keys(),
                parent_key=snapshot.parent_key,
                place=snapshot.place,
                doubts=(*(() if is_sub else doubts.get(snapshot.key, ())), *unclear.values()),
            )
        )
    return tuple(found)


def _doubts(reading: ListReading) -> dict[str, tuple[str, ...]]:
    """各项的存疑之处。A warning on a row below an item (a continued row) belongs to that item."""
    rows: dict[str, list[int]] = {}
    for item in reading.items:
        rows.setdefault(item.sheet, []).append(item.row)
    counts: dict[str, int] = {}
    for warning in reading.warnings:
        counts[warning.code] = counts.get(warning.code, 0) + 1
    found: dict[str, tuple[str, ...]] = {}
    for warning in reading.warnings:
        if warning.code not in QUESTIONED or counts[warning.code] > max(3, len(reading.items) * MOST):
            continue
        row = _owner(rows.get(warning.sheet, []), warning)
        if row is not None:
            key = f"{warning.sheet}!{row}"
            found[key] = (*found.get(key, ()), warning.message)
    return found


def _owner(rows: list[int], warning: ReadWarning) -> int | None:
    if warning.row is None:
        return None
    return max((row for row in rows if row <= warning.row), default=None)


def raw_cells(reading: ListReading) -> dict[str, tuple[str, int, Mapping[str, str]]]:
    """各行的原始单元格：键 → 工作表、行、原文。子项没有自己的单元格时用主项的。"""
    found: dict[str, tuple[str, int, Mapping[str, str]]] = {}
    for item in reading.items:
        key = f"{item.sheet}!{item.row}"
        found[key] = (item.sheet, item.row, item.raw)
        for number, sub in enumerate(item.subitems, start=1):
            found[f"{key}#{number}"] = (item.sheet, sub.row, sub.raw or item.raw)
    return found


def row_as_json(row: Incoming, source: tuple[str, int, Mapping[str, str]]) -> dict[str, Any]:
    """一行的 JSON 形态，连同原始单元格。"""
    sheet, number, cells = source
    return {
        "key": row.key,
        "parent_key": row.parent_key,
        "place": row.place,
        "carried": sorted(row.carried),
        "doubts": list(row.doubts),
        "content": content_as_json(row.content),
        "source": {"sheet": sheet, "row": number, "cells": dict(cells)},
    }


def row_from_json(data: Mapping[str, Any]) -> Incoming:
    """由 JSON 还原一行。"""
    return Incoming(
        key=data["key"],
        content=content_from_json(data["content"]),
        carried=frozenset(data["carried"]),
        parent_key=data["parent_key"],
        place=data["place"],
        doubts=tuple(data["doubts"]),
    )
