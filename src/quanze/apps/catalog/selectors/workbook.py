"""清单工作簿：以各地通行的栏目写出一份清单，下载后改几格即可再导入，不改则导入毫无变化。

The columns are those that ``core.listsheet`` reads. What is derived from a text (articles, stages, clauses) is not written
a second time; where only the structured form exists, it stands in the column of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from quanze.apps.catalog.domain.drafts import readable
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.base.sheets.writing import Column, TableSheet

# Text column → the structured form that stands in for an empty text.
_STAND_INS = {"basis_text": "bases", "duty_text": "duties", "accountability_text": "accountability_cases"}
_COLUMNS: tuple[tuple[str, str, float], ...] = (
    ("序号", "seq", 6),
    ("职权编码", "power_code", 16),
    ("事项名称", "name", 32),
    ("子项", "subitem", 24),
    ("职权类型", "power_type", 10),
    ("权力来源", "authority_source", 10),
    ("实施主体", "exercising_body", 16),
    ("责任主体", "responsible_body", 16),
    ("承办机构", "lead_division", 14),
    ("协办机构", "assists", 14),
    ("行使层级", "exercise_level", 10),
    ("层级权限划分", "level_split", 20),
    ("行政相对人", "target", 14),
    ("实施依据", "basis_text", 40),
    ("责任事项", "duty_text", 40),
    ("责任事项依据", "duty_basis_text", 24),
    ("追责情形", "accountability_text", 40),
    ("追责依据", "accountability_basis_text", 24),
    ("法定时限", "legal_limit_days", 9),
    ("承诺时限", "promised_limit_days", 9),
    ("时限说明", "limit_note", 16),
    ("是否收费", "has_fee", 9),
    ("办事指南", "guide_url", 20),
    ("监督电话", "hotline", 14),
    ("救济渠道", "remedy", 24),
    ("公众版说明", "plain_summary", 24),
    *((one.label, one.key, 30 if one.kind in ("long", "rows") else 14) for one in FIELDS.fields),
    ("本级补充", "is_local_addition", 9),
    ("补充理由", "addition_reason", 24),
    ("市设权力", "is_city_set", 9),
    ("备注", "remark", 16),
)
# Marks say 是 or nothing, so that a list without any has no column of them; like the reason, they are for the desk only.
_MARKS = frozenset({"is_local_addition", "is_city_set"})
_INTERNAL = _MARKS | {"addition_reason"}


def list_sheet(
    contents: Sequence[VersionView],
    *,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    type_labels: Mapping[str, str],
    is_internal: bool = False,
) -> TableSheet:
    """清单的一张表；没有一项填写的栏目不列，不公开的要素只在内部的表里列。``contents`` 按清单次序，子项在其主项之后。"""
    names = {view.item_id: view.content.name for view in contents}
    numbers = _numbers(contents)
    cells = {code: _cell(code, names, numbers, type_labels) for _, code, _ in _COLUMNS}
    used = [
        (label, code, width)
        for label, code, width in _COLUMNS
        if (is_internal or (code not in FIELDS.private and code not in _INTERNAL))
        and (code in ("seq", "name", "power_type") or any(cells[code](view) for view in contents))
    ]
    return TableSheet(
        name="权责清单",
        title=title,
        subtitle=subtitle,
        columns=[Column(label, width) for label, _, width in used],
        rows=([cells[code](view) for _, code, _ in used] for view in contents),
        footers=tuple(f"注：{note}" for note in notes),
    )


def _numbers(contents: Sequence[VersionView]) -> dict[int, str]:
    """序号：清单自己有的照写，一项都没有的从 1 编起。"""
    mains = [view for view in contents if not view.parent_id]
    if any(view.content.seq for view in mains):
        return {view.item_id: view.content.seq for view in contents}
    return {view.item_id: str(number) for number, view in enumerate(mains, start=1)}


def _cell(
    code: str, names: Mapping[int, str], numbers: Mapping[int, str], type_labels: Mapping[str, str]
) -> Callable[[VersionView], str]:
    def main_name(view: VersionView) -> str:
        return names.get(view.parent_id, view.content.name) if view.parent_id else view.content.name

    def sub_name(view: VersionView) -> str:
        return view.content.name if view.parent_id else ""

    def power_type(view: VersionView) -> str:
        return type_labels.get(view.content.power_type, view.content.power_type)

    def number(view: VersionView) -> str:
        return numbers.get(view.item_id, "")

    special = {"seq": number, "name": main_name, "subitem": sub_name, "power_type": power_type}
    return special.get(code, lambda view: _text(view.content, code))


def _text(content: ItemContent, code: str) -> str:
    if code in _MARKS:
        return "是" if content.value(code) else ""
    text = readable(content, code)
    if not text and code in _STAND_INS:
        return readable(content, _STAND_INS[code])
    if code == "assists":
        if not any(assist.duty for assist in content.assists):
            return "、".join(assist.division for assist in content.assists)
        return "；".join(f"{assist.division}：{assist.duty}" for assist in content.assists)
    return text
