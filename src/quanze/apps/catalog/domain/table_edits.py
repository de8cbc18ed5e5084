"""表格编辑：一行里改了哪几格，落到内容上成什么；不能存的逐格说明。Pure; what was seen is compared by the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from quanze.apps.catalog.domain import drafts
from quanze.apps.catalog.domain.items import CONTENT_LABELS, ItemContent
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet

_FIELD_OF_LABEL = {label: field for field, label in CONTENT_LABELS.items()}


@dataclass(frozen=True, slots=True)
class RowEdit:
    """一行的改动：事项、所见版本的编号与修改次数、改了的各格（要素 → 新值，类型同 ItemContent）。"""

    item_id: int
    version_id: int
    seen: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowUndo:
    """一行的撤回：改后的版本与修改次数、改前各格；``is_started`` 的草稿是这次保存才起草的，撤回即放弃。"""

    item_id: int
    version_id: int
    seen: int
    values: Mapping[str, Any]
    is_started: bool


def edited(content: ItemContent, values: Mapping[str, Any]) -> ItemContent:
    """改后的内容。"""
    return replace(content, **dict(values))


def defects_of(content: ItemContent, item_id: int) -> list[Defect]:
    """改后不能存的各处；位置写作“事项编号.要素”，页面据此落到格上。"""
    found = []
    try:
        drafts.require_storable(content)
    except RulesNotMet as error:
        for defect in error.defects:
            label = defect.place.field
            found.append(Defect(defect.code, defect.message, cell_place(item_id, _FIELD_OF_LABEL.get(label, "name"))))
    legal, promised = content.legal_limit_days, content.promised_limit_days
    if legal is not None and promised is not None and promised > legal:
        found.append(
            Defect(
                "promise_too_long",
                f"承诺时限 {promised} 日长于法定时限 {legal} 日",
                cell_place(item_id, "promised_limit_days"),
            )
        )
    return found


def cell_place(item_id: int, field: str) -> ErrorPlace:
    """一格的位置。"""
    return ErrorPlace(field=f"{item_id}.{field}")
