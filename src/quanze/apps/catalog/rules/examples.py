"""示例所用的清单：一项要素齐全的事项，各规则只改要说明的一处。"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from quanze.apps.catalog.domain.items import (
    BasisContent,
    DutyContent,
    ItemContent,
    ItemSnapshot,
    ListSnapshot,
    NodeKind,
)

COMPLETE = ItemContent(
    name="户外观景平台搭建许可",
    power_type="license",
    power_code="130700-XK-001",
    exercising_body="示例市城市管理局",
    responsible_body="示例市城市管理局",
    lead_division="市容科",
    basis_text="《示例市观景平台管理条例》第八条：搭建户外观景平台，应当取得许可。",
    bases=(BasisContent("示例市观景平台管理条例", "第八条", "搭建户外观景平台，应当取得许可。"),),
    duty_text="受理、审查、决定、送达、事后监管",
    duties=(
        DutyContent("受理", "收到申请当场答复是否受理。"),
        DutyContent("审查", "现场核对图纸与选址。"),
        DutyContent("决定", "作出准予或者不予许可的决定。"),
        DutyContent("送达", "将决定书送达申请人。"),
        DutyContent("事后监管", "每半年到现场检查一次。"),
    ),
    duty_basis_text="《示例市观景平台管理条例》第九条",
    accountability_text="对不符合条件的申请准予许可的。",
    accountability_cases=("对不符合条件的申请准予许可的。",),
    accountability_basis_text="《示例市观景平台管理条例》第三十条",
    exercise_level="市级",
    hotline="0000-12345",
)
PENALTY = replace(
    COMPLETE,
    name="对擅自搭建户外观景平台的处罚",
    power_type="penalty",
    power_code="130700-CF-001",
    basis_text="《示例市观景平台管理条例》第二十五条：未经许可搭建的，责令拆除，处二千元罚款。",
    bases=(BasisContent("示例市观景平台管理条例", "第二十五条"),),
    duty_text="立案、调查、审查、告知、决定、送达、执行",
    duties=tuple(
        DutyContent(stage, f"{stage}环节的责任。") for stage in ("立案", "调查", "审查", "告知", "决定", "送达", "执行")
    ),
    accountability_text="没有事实依据即予处罚的。",
    accountability_cases=("没有事实依据即予处罚的。",),
)


def snapshot(key: str, content: ItemContent = COMPLETE, **place: Any) -> ItemSnapshot:
    """一项快照。"""
    return ItemSnapshot(key=key, content=content, **place)


def changed(key: str = "a", base: ItemContent = COMPLETE, **fields: Any) -> ItemSnapshot:
    """要素齐全的一项，改动几处。"""
    return snapshot(key, replace(base, **fields))


def listed(*items: ItemSnapshot, **fields: Any) -> ListSnapshot:
    """示例清单，用“规范清单”模板。"""
    return ListSnapshot(**{"body_name": "示例市城市管理局", "template": "full-2024", **fields}, items=items)


def family(*subs: ItemContent, main: ItemContent = COMPLETE) -> tuple[ItemSnapshot, ...]:
    """一个主项与它的子项。"""
    top = snapshot("main", replace(main, node_kind=NodeKind.MAIN))
    return (
        top,
        *(
            snapshot(f"sub{number}", replace(sub, node_kind=NodeKind.SUB), parent_key="main")
            for number, sub in enumerate(subs, start=1)
        ),
    )


def coded(number: int, base: ItemContent = COMPLETE, **fields: Any) -> ItemSnapshot:
    """一批中的一项：名称与编码各不相同。"""
    numbered = {"name": f"{number}号{base.name}", "power_code": f"{base.power_code[:-3]}{number:03d}"}
    return changed(f"k{number}", base, **{**numbered, **fields})
